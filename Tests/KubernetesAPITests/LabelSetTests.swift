import KubernetesAPI
import Testing

@Suite("Label sets")
struct LabelSetTests {
    @Test("give every label its value and nothing else one, as a dictionary does")
    func lookup() {
        let labels = ["tier": "web", "app": "shop", "empty": "", "web": "tier"]
        let set = LabelSet(labels)
        #expect(set.count == 4 && !set.isEmpty)
        for name in ["tier", "app", "empty", "web", "shop", "", "Tier"] { #expect(set[name] == labels[name]) }
        #expect(LabelSet().isEmpty && LabelSet()["app"] == nil)
    }

    @Test("are equal when the labels are, in whatever order they came")
    func equality() {
        let numbers = (0..<50).map { ("n\($0)", "v\($0)") }
        let set = LabelSet(Dictionary(uniqueKeysWithValues: numbers))
        let reversed = LabelSet(Dictionary(uniqueKeysWithValues: numbers.reversed()))
        #expect(set == reversed && set.hashValue == reversed.hashValue)
        #expect(set != ["n0": "v0"] && LabelSet(["a": "b"]) != ["b": "a"])
    }

    @Test("are selected as the dictionary is")
    func selection() {
        let selector = LabelSelector(
            matchLabels: ["app": "shop"],
            matchExpressions: [
                LabelSelector.Requirement(key: "tier", operator: .in, values: ["web", "api"]),
                LabelSelector.Requirement(key: "legacy", operator: .doesNotExist),
            ]
        )
        let sets: [[String: String]] = [
            ["app": "shop", "tier": "web"], ["app": "shop", "tier": "db"], ["app": "shop"],
            ["app": "shop", "tier": "api", "legacy": ""], [:],
        ]
        #expect(sets.map { selector.matches(LabelSet($0)) } == [true, false, false, false, false])
        for labels in sets { #expect(selector.matches(LabelSet(labels)) == selector.matches(labels)) }
    }
}
