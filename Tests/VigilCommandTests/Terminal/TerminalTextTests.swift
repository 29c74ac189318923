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
