internal import KubernetesAPI

extension [APIRequest.QueryItem] {
    /// A parameter, the first where it is repeated, as API servers read it; `nil` when it is not there at all.
    func parameter(_ name: String) -> String? { first { $0.name == name }?.value }

    /// A flag as API servers read it: whatever is neither `false` nor `0` is true, no value at all too.
    func flag(_ name: String) -> Bool? { parameter(name).map(Self.isTrue) }

    /// What the text of a flag says.
    static func isTrue(_ text: String) -> Bool { text != "0" && text.lowercased() != "false" }
}
