"""Layout files for tests: the lines of a page in ALTO, two pages in hOCR, and what reading such a file gives."""

from __future__ import annotations

from classifier.scan import ScanPage
from classifier.scans import ocrxml

ALTO_LINES = """
<Layout><Page ID="p1" PHYSICAL_IMG_NR="1" WIDTH="800" HEIGHT="600"><PrintSpace>
<ComposedBlock ID="c"><TextBlock ID="b" HPOS="10" VPOS="10" WIDTH="400" HEIGHT="90">
<TextLine HPOS="10" VPOS="10" WIDTH="300" HEIGHT="30">
<String CONTENT="水渠" HPOS="10" VPOS="10" WIDTH="60" HEIGHT="30" WC="0.5"/><SP/>
<String CONTENT="通水" HPOS="80" VPOS="10" WIDTH="60" HEIGHT="30" WC="1.0"/></TextLine>
<TextLine HPOS="10" VPOS="50" WIDTH="300" HEIGHT="30">
<String CONTENT="the" HPOS="10" VPOS="50" WIDTH="40" HEIGHT="30"/><SP/>
<String CONTENT="irri" HPOS="60" VPOS="50" WIDTH="40" HEIGHT="30" SUBS_TYPE="HypPart1" SUBS_CONTENT="irrigation"/>
<HYP CONTENT="-"/></TextLine>
<TextLine>
<String CONTENT="gation" HPOS="10" VPOS="90" WIDTH="60" HEIGHT="30" SUBS_TYPE="HypPart2" SUBS_CONTENT="irrigation"/>
<SP/>
<String CONTENT="canal" HPOS="80" VPOS="95" WIDTH="50" HEIGHT="30"/></TextLine>
</TextBlock></ComposedBlock>
<Illustration HPOS="500" VPOS="10" WIDTH="200" HEIGHT="100"/>
<GraphicalElement HPOS="450" VPOS="0" WIDTH="2" HEIGHT="600"/>
</PrintSpace></Page></Layout>
"""

HOCR = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><meta name='ocr-system' content='tesseract 5.3.0' /></head><body>
<div class='ocr_page' id='page_1' title='image "a.png"; bbox 0 0 800 600; ppageno 0'>
<div class='ocr_carea'><p class='ocr_par'>
<span class='ocr_line' title="bbox 10 20 300 50; baseline 0 -5; x_size 30">
<span class='ocrx_word' title='bbox 10 20 60 50; x_wconf 90'>水</span>
<span class='ocrx_word' title='bbox 60 20 99 50; x_wconf 70'><strong>渠</strong></span></span>
<span class='ocr_header' title="bbox 10 60 300 90"><span class='ocrx_word' title='bbox 1 1 2 2'>A&amp;B</span></span>
</p></div><div class='ocr_photo' title='bbox 400 20 700 200'></div>
<div class='ocr_separator' title='bbox 10 300 700 302'></div></div>
<div class='ocr_page' title='bbox 0 0 10 20'></div>
</body></html>"""


def texts(page: ScanPage) -> list[str]:
    return [line.text for line in page.lines]


def read(text: str, *, encoding: str = "utf-8") -> tuple[ScanPage, ...]:
    data = text.encode(encoding)
    kind = ocrxml.sniff(data[: ocrxml.SNIFFED])
    assert kind is not None
    return ocrxml.read(data, kind)
