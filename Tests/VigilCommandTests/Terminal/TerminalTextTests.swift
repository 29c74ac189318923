import JSONModel
import Testing

@testable import VigilCommand

@Suite("Text for terminals")
struct TerminalTextTests {
    @Test("control, format and line characters are written out, everything else stays")
    func printable() {
        #expect(TerminalText.printable("CN=Zoë 東京") == "CN=Zoë 東京")
        #expect(
            TerminalText.printable("a\u{1B}[32mTrusted\r\nb\u{202E}c") == "a\\u{1b}[32mTrusted\\u{d}\\u{a}b\\u{202e}c"
        )
    }

    @Test("a document keeps its meaning and steers no terminal")
    func document() throws {
        let value: JSONValue = ["a\u{9B}": .array(["b\u{1B}[2J\u{202E}\n\u{E0001}", "Zoë 東京"])]
        let text = TerminalText.document(value)
        #expect(text.contains(#""a\u009b""#) && text.contains(#"\u202e"#) && text.contains("Zoë 東京"))
        #expect(text.hasSuffix("}\n"))
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || TerminalText.printable(String($0)) == String($0) })
        #expect(try JSONParser().parse(text.utf8) == value)
    }

    @Test("a long name is shortened in its middle to exactly the columns there are", arguments: 1...30)
    func shortened(columns: Int) {
        let name = "registry.example.com/shop/web:v1"
        let text = TerminalText.shortened(name, to: columns)
        #expect(TerminalText.width(text) == columns)
        #expect(text.contains("…"))
    }

    @Test("a name that fits is left alone, and wide characters count twice")
    func widths() {
        #expect(TerminalText.shortened("web", to: 3) == "web")
        #expect(TerminalText.width("東京") == 4)
        #expect(TerminalText.width(TerminalText.shortened("東京東京東京", to: 7)) <= 7)
    }
}
