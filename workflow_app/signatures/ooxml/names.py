"""Names that the standards fix: namespaces, algorithms, content types, kinds of relationships.

Clauses are those of ECMA-376, 1st edition, Part 2 (the M numbers are its conformance rules, Annex H),
[MS-OFFCRYPTO] 2.5.2, XML-Signature (xmldsig-core), XAdES 1.3.2 (ETSI TS 101 903, EN 319 132-1), RFC 3161.
"""

from workflow_app.documents.package import RELATIONSHIPS

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/digital-signature"
OFFICE = "http://schemas.microsoft.com/office/2006/digsig"

# The only canonicalisation that we make or accept. M6.34 would also allow the one with comments.
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
RELATIONSHIP_TRANSFORM = "http://schemas.openxmlformats.org/package/2006/RelationshipTransform"

OBJECT_TYPE = f"{DS}Object"
SIGNED_PROPERTIES_TYPE = "http://uri.etsi.org/01903#SignedProperties"
PROOF_OF_APPROVAL = "http://uri.etsi.org/01903/v1.2.2#ProofOfApproval"

ORIGIN_RELATION = f"{RELATIONSHIPS}/digital-signature/origin"
SIGNATURE_RELATION = f"{RELATIONSHIPS}/digital-signature/signature"
ORIGIN_TYPE = "application/vnd.openxmlformats-package.digital-signature-origin"
SIGNATURE_TYPE = "application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml"
RELATIONSHIPS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"

FOLDER = "_xmlsignatures/"
ORIGIN_PART = "_xmlsignatures/origin.sigs"
ORIGIN_RELATIONSHIPS = "_xmlsignatures/_rels/origin.sigs.rels"

# Reserved Ids. M6.15: exactly one Object idPackageObject; [MS-OFFCRYPTO] 2.5.2.5: idOfficeObject.
SIGNATURE_ID = "idPackageSignature"
PACKAGE_OBJECT = "idPackageObject"
OFFICE_OBJECT = "idOfficeObject"
SIGNED_PROPERTIES = "idSignedProperties"
VALID_IMAGE = "idValidSigLnImg"
INVALID_IMAGE = "idInvalidSigLnImg"


def ds(name: str) -> str:
    """The qualified name of an element of XML-Signature."""
    return f"{{{DS}}}{name}"


def xd(name: str) -> str:
    """Of XAdES."""
    return f"{{{XADES}}}{name}"


def pk(name: str) -> str:
    """Of the package's own markup: SignatureTime, RelationshipReference."""
    return f"{{{PACKAGE}}}{name}"


def ms(name: str) -> str:
    """Of Office: SignatureInfoV1."""
    return f"{{{OFFICE}}}{name}"
