import JSONModel
import Testing

@Suite("Suggestions for misspelt words")
struct SuggestionTests {
    @Test(
        "The nearest word is suggested when it is near: letters added, removed, replaced or swapped, in any case",
        arguments: [
            ("levle", "level"), ("leve", "level"), ("levell", "level"), ("lefel", "level"), ("LEVEL", "level"),
            ("verifytimestamp", "verifyTimestamp"), ("trustSotres", "trustStores"), ("name", nil), ("xyz", nil),
            ("", nil), (String(repeating: "level", count: 20), nil),
        ] as [(String, String?)]
    )
    func nearest(word: String, meant: String?) {
        let text = Suggestion.text(for: word, among: ["level", "verifyTimestamp", "trustStores"])
        #expect(text == (meant.map { " (did you mean \($0)?)" } ?? ""))
    }

    @Test("Among nothing nothing is suggested")
    func nothing() {
        #expect(Suggestion.text(for: "level", among: []).isEmpty)
    }
}
