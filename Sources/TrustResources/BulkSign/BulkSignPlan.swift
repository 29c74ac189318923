import KubernetesAPI
import OCIModel
public import TrustModel

/// Which running images nobody has signed, and which others were left out, and why.
///
/// An image is signed in bulk only if it was looked at and no evidence was there at all. Whatever else makes a verdict
/// `Unknown` is no reason to vouch for an image: an outage says nothing of it, and a signature by a stranger says that
/// somebody else made it.
public struct BulkSignPlan: Sendable, Hashable {
    /// The images to sign, as `repository@digest`, each once and in order.
    public internal(set) var images: [String] = []
    /// How many images that run were left out, by why.
    public private(set) var leftOut: [Omission: Int] = [:]

    /// Why an image is left out.
    public enum Omission: Sendable, Hashable, Comparable {
        /// It is Trusted already.
        case trusted
        /// Its verdict is one that signing would turn around, here or in another namespace.
        case judged(Verdict)
        /// It had such a verdict before, and the evidence for that is gone.
        case judgedBefore(Verdict)
        /// It is Unknown for another reason than that it is unsigned.
        case unknown(Reason)
        /// It is unsigned as far as was known when it could last be looked at.
        case stale
        /// No policy speaks for it, or it was not judged yet.
        case unjudged(Reason)
        /// Its repository or digest is not known.
        case nameless

        /// For people.
        public var text: String {
            switch self {
            case .trusted: "Trusted already"
            case .judged(let verdict): "\(verdict.rawValue)"
            case .judgedBefore(let verdict): "\(verdict.rawValue) before, and the evidence for that is gone"
            case .unknown(let reason): "Unknown: \(reason.rawValue)"
            case .stale: "unsigned at the last look, and it could not be looked at since"
            case .unjudged(let reason): "without a verdict: \(reason.rawValue)"
            case .nameless: "without a repository or digest that could be signed"
            }
        }

        /// In order of their texts.
        public static func < (left: Omission, right: Omission) -> Bool { left.text < right.text }
    }

    /// Chooses among what runs.
    ///
    /// - Parameters:
    ///   - results: what is known of images, of all namespaces that can be seen; what does not run is not looked at but
    ///     for verdicts that forbid signing the same digest elsewhere.
    ///   - namespace: the one namespace whose images are to be signed; `nil` for all.
    public init(_ results: [ImageResult], namespace: String? = nil) {
        var forbidden: [String: Omission] = [:]
        for result in results {
            guard let digest = result.digest, let reason = Self.objection(result) else { continue }
            forbidden[digest] = forbidden[digest].map { min($0, reason) } ?? reason
        }
        var chosen: Set<String> = []
        for result in results where result.isRunning && (namespace == nil || result.key.namespace == namespace) {
            if let omission = result.digest.flatMap({ forbidden[$0] }) ?? Self.omission(result) {
                leftOut[omission, default: 0] += 1
            } else if let image = Self.image(result) {
                chosen.insert(image)
            } else {
                leftOut[.nameless, default: 0] += 1
            }
        }
        images = chosen.sorted()
    }

    /// What speaks against signing a digest wherever it runs.
    private static func objection(_ result: ImageResult) -> Omission? {
        if let verdict = result.verdict, isBad(verdict) { return .judged(verdict) }
        let before = (result.status?.history ?? []).flatMap { [$0.to] + [$0.from].compactMap(\.self) }
        return before.first(where: isBad).map(Omission.judgedBefore)
    }

    private static func isBad(_ verdict: Verdict) -> Bool { verdict == .untrusted || verdict == .unsupported }

    private static func omission(_ result: ImageResult) -> Omission? {
        guard let verdict = result.verdict else { return .unjudged(result.reason) }
        switch verdict {
        case .trusted: return .trusted
        case .untrusted, .unsupported: return .judged(verdict)
        case .unknown:
            guard [.noSignature, .notNotarized].contains(result.reason) else { return .unknown(result.reason) }
            return result.isStale ? .stale : nil
        }
    }

    /// The image as a tool for signing takes it: only what is a reference by every rule.
    private static func image(_ result: ImageResult) -> String? {
        guard let digest = result.digest, let reference = try? ImageReference("\(result.repository)@\(digest)"),
            let read = reference.digest
        else { return nil }
        return "\(reference.repository)@\(read)"
    }
}
