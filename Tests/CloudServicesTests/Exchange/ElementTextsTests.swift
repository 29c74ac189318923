import TestTiming
import Testing

@testable import CloudServices

/// Texts of small XML documents.
struct ElementTextsTests {
    private func read(_ text: String) -> ElementTexts? { ElementTexts(Array(text.utf8)) }

    @Test("innermost texts are known by their path")
    func paths() {
        let texts = read("<?xml version=\"1.0\"?>\n<a x='1'>\n <b>one</b><c><d>t&amp;&lt;wo </d><e/></c></a>\n")
        #expect(texts?["a/b"] == "one" && texts?["a/c/d"] == "t&<wo " && texts?["a/c/e"] == "")
        #expect(texts?["a/c"] == nil && texts?["b"] == nil)
    }

    @Test(
        "what could be read in two ways is not read",
        arguments: [
            "", "text", "<a>", "<a></b>", "<a><b>1</b><b>2</b></a>", "<a><b>1</b>text</a>", "<a>text<b>1</b></a>",
            "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a>&x;</a>", "<a>&amp</a>", "<a><!-- c --></a>",
            "<a><![CDATA[x]]></a>", "<a>1</a><a>2</a>", "<a>1</a>x", "<a>1</a", "<a <b>1</b></a>", "</a>", "<>1</>",
            "<a/>",
            "<a><b><c>1</c></b><b><d>2</d></b></a>", "<a><b>1</b><b><d>2</d></b></a>", "<a><b/><b><d>2</d></b></a>",
            "<a><b x=\">\">1</b></a>", "<a><b x='>'>1</b></a>", "<a><b x=\">\"/></a>",
            "<a:b>1</a:b>", "<a\u{e9}>1</a\u{e9}>", "<a><b>1</b><c><b>2</b></c></a", "<?xml ><a>1</a>",
            "<?xml version<\"1.0\"?><a>1</a>",
        ]
    )
    func refused(_ text: String) {
        #expect(read(text) == nil)
    }

    @Test("depth and size have limits")
    func limits() {
        func nested(_ depth: Int) -> String {
            String(repeating: "<a>", count: depth) + "x" + String(repeating: "</a>", count: depth)
        }
        #expect(read(nested(ElementTexts.maximumDepth)) != nil)
        #expect(read(nested(ElementTexts.maximumDepth + 1)) == nil)
        #expect(read("<a>\(String(repeating: "x", count: ElementTexts.maximumBytes))</a>") == nil)
        #expect(ElementTexts([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]) == nil)
    }

    @Test("no bytes make it trap")
    func mutations() {
        let original = Array("<?xml version=\"1.0\"?><a x=\"1\"><b>o&amp;ne</b><c><d>two</d><e/></c></a>".utf8)
        var random = SeededGenerator(seed: testSeed("ElementTextsTests.mutations"))
        let alphabet = Array("<>/&;?! ab\"=\u{e9}\0".utf8)
        for _ in 0..<5_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: index)
                default: if bytes.count > 1 { bytes.remove(at: index) }
                }
            }
            _ = ElementTexts(bytes)
        }
    }
}
