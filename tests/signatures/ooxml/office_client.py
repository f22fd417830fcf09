"""Asks a running LibreOffice which signatures of a file it believes. Runs under the Python that has `uno`.

office_client.py PIPE FILE...  prints one line of JSON for each file: a list of [valid, subject of the signer].
"""

import json
import pathlib
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.embed.ElementModes import READ


def connected(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(240):
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            time.sleep(0.25)
    raise SystemExit("LibreOffice does not answer")


def signatures(context, path):
    services = context.ServiceManager
    access = services.createInstanceWithContext("com.sun.star.ucb.SimpleFileAccess", context)
    # Not OFOPXMLFormat: with it LibreOffice finds no signature at all.
    kind = PropertyValue(Name="StorageFormat", Value="ZipFormat")
    arguments = (
        access.openFileRead(pathlib.Path(path).resolve().as_uri()),
        READ,
        uno.Any("[]com.sun.star.beans.PropertyValue", (kind,)),
    )
    factory = services.createInstanceWithContext("com.sun.star.embed.StorageFactory", context)
    storage = uno.invoke(factory, "createInstanceWithArguments", (arguments,))
    checker = services.createInstanceWithArgumentsAndContext(
        "com.sun.star.security.DocumentDigitalSignatures", ("1.2", True), context
    )
    return [
        [bool(one.SignatureIsValid), one.Signer.SubjectName if one.Signer else ""]
        for one in checker.verifyDocumentContentSignatures(storage, None)
    ]


if __name__ == "__main__":
    office = connected(sys.argv[1])
    for file in sys.argv[2:]:
        sys.stdout.write(json.dumps(signatures(office, file)) + "\n")
