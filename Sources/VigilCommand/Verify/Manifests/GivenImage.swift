import OCIModel
import TrustModel

/// An image that neither the command line nor a manifest names.
struct GivenImage: Sendable {
    /// Why an image cannot be asked for.
    struct Anonymity: Sendable, Hashable {
        /// The reason that is held of it.
        var reason: Reason
        /// A sentence for people.
        var message: String
    }

    /// The reference as it is written there.
    var text: String
    /// Where it runs, as far as that is known and decides about policies.
    var source: ImageSource?
    /// Other digests by which those who run it ask for it: such as an index of it.
    var indexes: Set<Digest> = []
    /// Why it cannot be asked for, where it has no name in a registry.
    var anonymity: Anonymity?
}
