"""Safe reading of a BPMN file that somebody uploaded."""

from lxml import etree

from workflow_app.engine.errors import DiagramUnreadable

MAX_BYTES = 2_000_000  # the largest of the reference models has 0.3 MB
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"


def read(xml: bytes) -> etree._Element:
    """The root of a BPMN file; its comments and processing instructions are dropped.

    Raises DiagramUnreadable for more than 2 MB, another encoding than UTF-8, a DOCTYPE (entity bombs
    and foreign files come in through it), broken XML, or a root that is not bpmn:definitions.
    """
    _check_bytes(xml)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise DiagramUnreadable(
            f"not well-formed XML: {error.msg}",
            vi=f"Tệp không phải XML đúng cú pháp (dòng {error.lineno}). Hãy xuất lại tệp từ phần mềm vẽ sơ đồ.",
        ) from error
    docinfo = root.getroottree().docinfo
    if docinfo.internalDTD is not None or docinfo.externalDTD is not None:
        raise _doctype()
    if root.tag != f"{{{BPMN}}}definitions":
        raise DiagramUnreadable(
            "root is not bpmn:definitions", vi="Tệp không phải sơ đồ BPMN 2.0. Hãy chọn đúng tệp .bpmn."
        )
    return root


def _check_bytes(xml: bytes) -> None:
    if len(xml) > MAX_BYTES:
        raise DiagramUnreadable(
            f"{len(xml)} bytes, more than {MAX_BYTES}",
            vi="Tệp sơ đồ lớn hơn 2 MB. Hãy bỏ hình ảnh nhúng hoặc tách thành nhiều quy trình.",
        )
    try:
        text = xml.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DiagramUnreadable(
            f"not UTF-8 at byte {error.start}",
            vi="Tệp sơ đồ không dùng bảng mã UTF-8. Hãy lưu lại tệp với UTF-8.",
        ) from error
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise _doctype()


def _doctype() -> DiagramUnreadable:
    return DiagramUnreadable(
        "DOCTYPE is not allowed", vi="Tệp sơ đồ có khai báo DOCTYPE, không được phép. Hãy xóa khai báo đó."
    )
