import FoundationEssentials
import ImageTrust
import NotaryVerification
import OCIModel

/// Judges the images of a bundle again, by nothing but what the bundle holds: no registry, no revocation service, and the
/// recorded moment.
struct BundleReplay: Sendable {
    let file: String
    let bundle: EvidenceBundle
    /// What is judged: one target for each image of the bundle, in its order.
    let targets: [VerificationTarget]
    /// Whether the policies are the verifier's, not those of the bundle.
    let usesOwnPolicies: Bool
    /// How many signatures of one manifest are tried.
    let maximumSignatures: Int
    /// The platform that indexes are judged for, where it was said.
    let platform: Platform?
    let timeout: Duration
    let environment: CommandEnvironment

    /// Reads the bundle and finds out what speaks for its images.
    ///
    /// By policies of the verifier's own, every one for the repository is applied: where an image runs is what the bundle
    /// says, and must not choose among them.
    ///
    /// - Throws: ``InputError`` when an input cannot be used.
    init(_ file: String, _ options: VerifyOptions, environment: CommandEnvironment) async throws(InputError) {
        let bundle = try BundleFile.read(file, now: environment.now())
        let usesOwnPolicies = options.policies != .customary
        var options = options
        if !usesOwnPolicies {
            options.policies = .given(bundle.policies, name: "\(file), policies")
            options.requiredMetadata = RequiredMetadata(annotations: bundle.requiredAnnotations)
        }
        let session = VerifySession(options: options, environment: environment)
        targets = try await session.targets(
            of: bundle.images.map { image in
                let place = usesOwnPolicies ? nil : image.place
                return GivenImage(
                    text: image.text,
                    source: place.map { ImageSource($0, in: file) },
                    indexes: image.indexes
                )
            }
        )
        self.file = file
        self.bundle = bundle
        self.usesOwnPolicies = usesOwnPolicies
        maximumSignatures = usesOwnPolicies ? options.maximumSignatures : bundle.maximumSignatures
        platform = usesOwnPolicies ? options.platform : bundle.platform
        timeout = options.access.timeout
        self.environment = environment
    }

    /// The services that gave the answers about an image.
    func services(_ index: Int) -> ImageServices {
        let image = bundle.images[index]
        return ImageServices(
            registry: RecordedRegistry(image.exchanges),
            revocation: RecordedRevocation(image.revocation)
        )
    }

    /// How one image is judged.
    func settings(_ index: Int) -> VerifyRun.Settings {
        VerifyRun.Settings(
            targets: [targets[index]],
            platform: platform,
            concurrency: 1,
            timeout: timeout,
            clock: environment.clock,
            now: bundle.judgedAt
        )
    }

    /// Judges one image, and keeps what was asked and found.
    ///
    /// - Throws: `CancellationError` when the task was cancelled.
    func explained(_ index: Int) async throws(CancellationError) -> ExplainedImage {
        try await ExplainedImage(settings(index), services(index), maximumSignatures: maximumSignatures)
    }

    /// Judges every image.
    ///
    /// - Throws: `CancellationError` when the task was cancelled.
    func report() async throws(CancellationError) -> VerificationReport {
        var images: [VerifiedImage] = []
        for index in targets.indices {
            images.append(try await explained(index).explanation.image)
        }
        return VerificationReport(images: images)
    }
}

extension ImageSource {
    /// The container that runs an image, as `origin` tells of it.
    init(_ place: EvidenceBundle.Place, in origin: String) {
        self.init(
            file: origin,
            document: 1,
            kind: "Pod",
            namespace: place.namespace,
            name: place.pod,
            container: place.container,
            podLabels: place.podLabels,
            namespaceLabels: place.namespaceLabels
        )
    }

    /// The place that a bundle keeps; `nil` unless a pod in a namespace runs the image.
    var place: EvidenceBundle.Place? {
        guard kind == "Pod", let namespace else { return nil }
        return EvidenceBundle.Place(
            namespace: namespace,
            namespaceLabels: namespaceLabels,
            pod: name,
            podLabels: podLabels,
            container: container
        )
    }
}
