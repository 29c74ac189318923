import JSONModel
import KubernetesAPI
import TrustModel
import TrustResources

/// What somebody wants to know of images: the parameters of `/api/v1/images`, checked.
struct ImagesQuery: Sendable, Hashable {
    /// In which order images come.
    enum Order: String, Sendable, Hashable, CaseIterable {
        /// By namespace and name, which never changes.
        case name
        /// The worst verdict first.
        case severity
    }

    /// Why a request cannot be answered, as a sentence.
    struct Refusal: Error, Hashable {
        let message: String
    }

    /// The word for images without a verdict.
    static let noVerdict = "None"
    static let defaultLimit = 100
    static let maximumLimit = 500
    /// The longest value of a parameter, in bytes.
    static let maximumLength = 2048

    private static let names = ["namespace", "verdict", "policy", "image", "running", "sort", "limit", "continue"]

    var namespace: String?
    /// The wanted verdicts, `nil` among them for images without one; empty for all.
    var verdicts: Set<Verdict?> = []
    /// The policy, as findings write it.
    var policy: String?
    /// A part of the image's name, digest or tags; case does not matter.
    var image: String?
    var running: Bool?
    var order = Order.name
    var limit = defaultLimit
    /// Where the page before ended.
    var position: ImagePosition?

    init() {}

    /// Reads parameters; an empty value stands for an absent one.
    ///
    /// - Throws: a sentence that names the parameter and what it may be.
    init(_ parameters: [(name: String, value: String)]) throws(Refusal) {
        var seen: Set<String> = []
        for (name, value) in parameters {
            guard Self.names.contains(name) else {
                let meant = Suggestion.text(for: name, among: Self.names)
                let word = String(name.prefix(64)).debugDescription
                throw Refusal(
                    message: "there is no parameter \(word)\(meant); there are \(Self.names.joined(separator: ", "))"
                )
            }
            guard value.utf8.count <= Self.maximumLength else {
                throw Refusal(message: "\(name) is longer than \(Self.maximumLength) bytes")
            }
            guard !value.isEmpty else { continue }
            guard seen.insert(name).inserted || name == "verdict" else {
                throw Refusal(message: "\(name) is given more than once; only verdict may be")
            }
            try read(name, value)
        }
        if let position, position.order != order {
            throw Refusal(message: "continue belongs to another order; ask with the parameters of the page before")
        }
    }

    private mutating func read(_ name: String, _ value: String) throws(Refusal) {
        switch name {
        case "namespace": namespace = value
        case "verdict": verdicts.insert(try Self.verdict(value))
        case "policy": policy = value
        case "image": image = value.lowercased()
        case "running": running = try Self.choice(name, value, ["true": true, "false": false])
        case "sort":
            order = try Self.choice(
                name,
                value,
                Dictionary(Order.allCases.map { ($0.rawValue, $0) }) { first, _ in first }
            )
        case "limit":
            guard let number = Int(value), (1...Self.maximumLimit).contains(number) else {
                throw Refusal(message: "limit must be a number from 1 to \(Self.maximumLimit)")
            }
            limit = number
        default:
            guard let position = ImagePosition(token: value) else {
                throw Refusal(message: "continue is not what an answer gave; begin without it")
            }
            self.position = position
        }
    }

    private static func verdict(_ text: String) throws(Refusal) -> Verdict? {
        var choices: [String: Verdict?] = [noVerdict: nil]
        for verdict in Verdict.allCases { choices[verdict.rawValue] = .some(verdict) }
        return try choice("verdict", text, choices)
    }

    private static func choice<Value>(
        _ name: String,
        _ text: String,
        _ choices: [String: Value]
    ) throws(Refusal) -> Value {
        if let value = choices[text] { return value }
        let words = choices.keys.sorted()
        let meant = Suggestion.text(for: text, among: words)
        throw Refusal(message: "\(name) must be one of \(words.joined(separator: ", "))\(meant)")
    }

    /// Whether an image is asked for, wherever pages begin and end.
    func includes(_ result: ImageResult) -> Bool {
        if let namespace, result.key.namespace != namespace { return false }
        if !verdicts.isEmpty, !verdicts.contains(result.verdict) { return false }
        if let running, result.isRunning != running { return false }
        if let policy, result.status?.findings?.contains(where: { $0.policy == policy }) != true { return false }
        guard let image else { return true }
        return ([result.image] + result.tags).contains { $0.lowercased().contains(image) }
    }
}
