import Testing

@testable import TrustControllers

@Suite("Names of pull secrets")
struct PullSecretReferencesTests {
    @Test("keep the pod's order, each once, and no more than are looked at")
    func names() {
        let references = PullSecretReferences(secrets: ["b", nil, "a", "", "b"], serviceAccount: nil)
        #expect(references.secrets == ["b", "a"] && references.serviceAccount == "default")
        let many = PullSecretReferences(secrets: (0..<100).map { "s\($0)" }, serviceAccount: "")
        #expect(many.secrets.count == PullSecretReferences.maximumSecrets && many.serviceAccount == "default")
    }

    @Test(
        "are those that a Secret can have, for they become part of a path",
        arguments: ["a", "regcred", "a.b-c", "0"]
    )
    func possible(_ name: String) { #expect(PullSecretReferences.isPossible(name)) }

    @Test(
        "and nothing else",
        arguments: [
            "", ".", "..", "../x", "a/b", "a%2fb", "A", "a b", "-a", "a-", "a.", "a\n", "a?x", "a#x", "ä",
            String(repeating: "a", count: 254),
        ]
    )
    func impossible(_ name: String) { #expect(!PullSecretReferences.isPossible(name)) }

    @Test("have an order of their own, whichever pod is seen first")
    func order() {
        let references = [(["b"], "x"), (["a", "c"], "x"), (["a"], "y"), (["a"], "x"), ([], "z")].map {
            PullSecretReferences(secrets: $0.0, serviceAccount: $0.1)
        }
        #expect(
            references.shuffled().sorted().map { "\($0.secrets)\($0.serviceAccount)" } == [
                "[]z", "[\"a\"]x", "[\"a\"]y", "[\"a\", \"c\"]x", "[\"b\"]x",
            ]
        )
    }
}
