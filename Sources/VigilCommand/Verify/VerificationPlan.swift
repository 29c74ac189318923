import ImageTrust
import OCIModel
import TrustModel

/// What a run has to judge.
///
/// An image is judged once under the same policies, however often it was found.
struct VerificationPlan: Sendable {
    private struct Key: Hashable {
        let reference: String
        let policies: [PolicyName]
    }

    /// The targets, in the order in which they were first found.
    private(set) var targets: [VerificationTarget] = []
    private var positions: [Key: Int] = [:]
    private let mirrors: RegistryMirrors
    private let keepsSilences: Bool

    /// Creates an empty plan.
    ///
    /// - Parameters:
    ///   - mirrors: where the copies of images are; an image there is known by the name of its origin.
    ///   - keepsSilences: whether it is kept which policies do not speak for an image, and why.
    init(mirrors: RegistryMirrors = .none, keepsSilences: Bool = false) {
        self.mirrors = mirrors
        self.keepsSilences = keepsSilences
    }

    /// Adds an image of the command line.
    ///
    /// - Throws: ``InputError`` when its reference cannot be read, or a policy cannot be applied.
    mutating func add(_ text: String, policies: inout some PolicySource) throws(InputError) {
        let reference: ImageReference
        do throws(OCIError) {
            reference = try ImageReference(text)
        } catch {
            throw InputError(error.message)
        }
        try add(text, .success(reference), source: nil, policies: &policies)
    }

    /// Adds an image of a manifest.
    ///
    /// A reference that cannot be read is judged as such: the manifest was understood.
    ///
    /// - Throws: ``InputError`` when a policy cannot be applied.
    mutating func add(_ image: FoundImage, policies: inout some PolicySource) throws(InputError) {
        guard !image.text.isEmpty else {
            let error = OCIError(.invalidReference, "container \(image.source.container) names no image")
            return try add("", .failure(error), source: image.source, policies: &policies)
        }
        let reference = Result { () throws(OCIError) in try ImageReference(image.text) }
        try add(image.text, reference, source: image.source, policies: &policies)
    }

    /// Adds an image that something other than a manifest names.
    ///
    /// - Throws: ``InputError`` when a policy cannot be applied.
    mutating func add(_ image: GivenImage, policies: inout some PolicySource) throws(InputError) {
        if let anonymity = image.anonymity {
            let error = OCIError(.invalidReference, anonymity.message)
            return try add(
                image.text,
                .failure(error),
                source: image.source,
                policies: &policies,
                unreadable: anonymity.reason
            )
        }
        let reference = Result { () throws(OCIError) in try ImageReference(image.text) }
        try add(image.text, reference, source: image.source, policies: &policies, indexes: image.indexes)
    }

    private mutating func add(
        _ written: String,
        _ read: Result<ImageReference, OCIError>,
        source: ImageSource?,
        policies: inout some PolicySource,
        unreadable reason: Reason? = nil,
        indexes: Set<Digest> = []
    ) throws(InputError) {
        let reference = read.map { mirrors.origin(of: $0) }
        let image = try? reference.get()
        let text = reference == read ? written : image?.description ?? written
        // Behind a mirror the name is the origin's, which nobody wrote.
        let name = reference == read ? ImageReference.writtenName(written) : nil
        let speaking = try policies.policies(for: image?.repository, written: name, in: source)
        let key = Key(reference: image?.description ?? "unreadable \(text)", policies: speaking.map(\.policy.name))
        if let index = positions[key] {
            targets[index].indexes.formUnion(indexes)
            if let source, !targets[index].sources.contains(source) { targets[index].sources.append(source) }
            return
        }
        positions[key] = targets.count
        targets.append(
            VerificationTarget(
                text: text,
                reference: reference,
                policies: speaking,
                sources: source.map { [$0] } ?? [],
                silences: keepsSilences ? policies.silences(about: image?.repository, written: name, in: source) : [],
                unreadableReason: reason,
                indexes: indexes
            )
        )
    }
}
