"""The smallest theme that the Open XML schemas accept: black on white, one font.

Nothing in our styles refers to it; a checker of packages and some programs ask for it.
"""

from document_templates.styles import FONT

_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_COLOURS = {
    "dk1": "000000",
    "lt1": "FFFFFF",
    "dk2": "000000",
    "lt2": "FFFFFF",
    "accent1": "404040",
    "accent2": "595959",
    "accent3": "737373",
    "accent4": "8C8C8C",
    "accent5": "A6A6A6",
    "accent6": "BFBFBF",
    "hlink": "0000FF",
    "folHlink": "800080",
}


def theme_xml() -> str:
    """The content of theme1.xml, without its declaration."""
    colours = "".join(f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>' for name, value in _COLOURS.items())
    font = f'<a:latin typeface="{FONT}"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>' * 3
    line = f'<a:ln w="9525">{fill[: len(fill) // 3]}</a:ln>' * 3
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>" * 3
    return (
        f'<a:theme xmlns:a="{_A}" name="Văn bản hành chính"><a:themeElements>'
        f'<a:clrScheme name="Đen trắng">{colours}</a:clrScheme>'
        f'<a:fontScheme name="{FONT}"><a:majorFont>{font}</a:majorFont><a:minorFont>{font}</a:minorFont></a:fontScheme>'
        f'<a:fmtScheme name="Đơn giản"><a:fillStyleLst>{fill}</a:fillStyleLst><a:lnStyleLst>{line}</a:lnStyleLst>'
        f"<a:effectStyleLst>{effect}</a:effectStyleLst><a:bgFillStyleLst>{fill}</a:bgFillStyleLst></a:fmtScheme>"
        "</a:themeElements></a:theme>"
    )
