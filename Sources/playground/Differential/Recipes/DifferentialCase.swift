import OCIModel
import SigningTestKit

/// One image with its signatures, one way of trusting, and what both programs should say.
struct DifferentialCase: Sendable {
    /// Unique; also the name of the folder with its trust policy.
    let name: String
    /// What the image is.
    var subject = SubjectRecipe.image
    /// The signatures that the registry lists for it, in this order.
    var signatures: [SignatureRecipe]
    /// The trust policy and the trust stores.
    var trust = TrustRecipe()
    /// The services that the certificates of the first signature name; `nil` when they name none.
    var revocation: RevocationRecipe?
    /// Further arguments, which both programs take.
    var arguments: [String] = []
    /// What both programs should say.
    var expected: Expected
    /// Whether it belongs to the sample that every test run tries.
    var isInSample = false

    init(
        _ name: String,
        signatures: [SignatureRecipe],
        trust: TrustRecipe = TrustRecipe(),
        revocation: RevocationRecipe? = nil,
        expected: Expected,
        isInSample: Bool = false
    ) {
        self.name = name
        self.signatures = signatures
        self.trust = trust
        self.revocation = revocation
        self.expected = expected
        self.isInSample = isInSample
    }

    /// The first part of the name: what kind of thing is tried.
    var axis: String { String(name.prefix { $0 != "/" }) }
}

/// What is signed.
enum SubjectRecipe: String, Sendable {
    /// An image manifest.
    case image
    /// An image index.
    case index
}

/// How a signature comes to be.
enum SignatureRecipe: Sendable {
    /// An envelope made here, in a manifest made here.
    case made(EnvelopeRecipe, ManifestRecipe = .usual)
    /// Signed by the real tool, as the arguments say.
    case notation(ToolSignature)

    /// The chain that signs.
    var chain: ChainRecipe {
        switch self {
        case .made(let envelope, _): envelope.chain
        case .notation(let signature): signature.chain
        }
    }
}

/// A signature that `notation sign` makes.
struct ToolSignature: Sendable {
    var format: TestSignature.Format
    var chain: ChainRecipe
    /// Further arguments.
    var arguments: [String] = []
}

/// How the signature's manifest looks.
enum ManifestRecipe: String, Sendable {
    case usual
    /// As before artifact types existed: the config's media type says what it is.
    case typedByConfig
    /// It has an artifact type, and a config of another type than the empty one.
    case withConfig
    /// Its `subject` is another image; the envelope is about this one.
    case ofAnotherSubject
    /// No `subject`.
    case withoutSubject
    /// The layer says JWS and holds COSE, or the other way round.
    case mislabelledLayer
    /// The layer's media type is none of the two.
    case unknownLayer
    /// The listing and the manifest name another artifact type.
    case ofAnotherArtifactType
    /// No signature is listed at all.
    case unlisted
}
