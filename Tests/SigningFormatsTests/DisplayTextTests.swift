import SigningFormats
import SigningTestKit
import Testing

@Suite("Text from outside that is shown")
struct DisplayTextTests {
    @Test(
        "Characters that could forge what a reader sees are replaced",
        arguments: [
            ("plain, “quoted” é 漢 🐳", "plain, “quoted” é 漢 🐳"), ("a\nb\r\tc\u{1B}[31m", "a?b??c?[31m"),
            ("a\u{202E}b\u{2066}c\u{200B}d\u{FEFF}", "a?b?c?d?"), ("\u{2028}\u{2029}\u{85}\u{7F}\0", "?????"),
            ("\u{E000}", "?"),
        ]
    )
    func replaced(text: String, shown: String) {
        #expect(DisplayText.printable(text) == shown)
    }

    @Test("Long text is cut, however it is composed")
    func cut() {
        #expect(DisplayText.printable("abcd", limit: 3) == "abc…")
        #expect(DisplayText.printable("abc", limit: 3) == "abc")
        let marks = "a" + String(repeating: "\u{301}", count: 100_000)
        #expect(DisplayText.printable(marks).unicodeScalars.count == DisplayText.maximumScalars + 1)
    }

    @Test("An error never carries what an attacker wrote as it was")
    func errors() throws {
        var recipe = JWSRecipe(EnvelopeScene.request(), chain: try TestChain.make())
        recipe.addCritical("x\\n2026-01-01 all is well\\u001b[0m")
        let error = try #require(EnvelopeScene.refusal(jws: try recipe.envelope()))
        #expect(error.message.contains("all is well"))
        #expect(error.message.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
}
