import ArgumentParser
import OCIModel

/// By which policies images are judged, and how, on the command line.
struct JudgementArguments: ParsableArguments {
    /// Files with policies.
    @Option(
        name: .customLong("policy"),
        help: ArgumentHelp(
            "Files or folders with TrustPolicy and ClusterTrustPolicy objects, and the ConfigMaps and Secrets they refer to. May be repeated.",
            valueName: "file|dir"
        )
    )
    var policies: [String] = []

    /// A configuration folder of notation.
    @Option(
        name: .customLong("notation-config"),
        help: ArgumentHelp(
            "Configuration folder of notation: trustpolicy.oci.json or trustpolicy.json, and truststore/. (default without --policy: ~/.config/notation)",
            valueName: "dir"
        )
    )
    var notationConfiguration: String?

    /// The platform that an image which is an index is judged for.
    @Option(help: ArgumentHelp("Platform of the images, where an index is not signed itself.", valueName: "os/arch"))
    var platform: String?

    /// Annotations that signatures must carry.
    @Option(
        name: [.customShort("m"), .customLong("user-metadata")],
        help: ArgumentHelp(
            "Count only signatures over this annotation, besides those that policies require. May be repeated.",
            valueName: "key=value"
        )
    )
    var userMetadata: [String] = []

    /// How many signatures of one manifest are tried.
    @Option(help: ArgumentHelp("How many signatures of one image are tried, 1 to 1000.", valueName: "count"))
    var maxSignatures: Int = 100

    /// Internal hosts that are asked about revocation.
    @Option(
        name: .customLong("revocation-allow-host"),
        help: ArgumentHelp(
            "Ask this host about revocation although it is internal, where a signer's certificate names it. May be repeated.",
            valueName: "host[:port]"
        )
    )
    var revocationHosts: [String] = []

    /// Hosts that count as Azure's.
    @Option(
        name: .customLong("azure-allow-host"),
        help: ArgumentHelp(
            "Count this host as one of Azure's, which are given tokens of this machine's identity, where a policy names it as a vault. May be repeated.",
            valueName: "host[:port]"
        )
    )
    var azureHosts: [String] = []

    /// Where policies come from.
    ///
    /// - Throws: ``InputError`` when two places are named.
    func policySource() throws(InputError) -> VerifyOptions.Policies {
        guard policies.isEmpty || notationConfiguration == nil else {
            throw InputError("--policy and --notation-config exclude each other; keep one")
        }
        if !policies.isEmpty { return .files(policies) }
        return notationConfiguration.map(VerifyOptions.Policies.notation) ?? .customary
    }

    /// Checks that what a bundle records is not asked for otherwise, unless one's own policies judge it.
    ///
    /// - Throws: ``InputError`` with what to write instead.
    func checkReplay() throws(InputError) {
        guard policies.isEmpty, notationConfiguration == nil, platform != nil || !userMetadata.isEmpty else { return }
        throw InputError(
            "--platform and --user-metadata are recorded in the bundle; they can be given with --policy or "
                + "--notation-config, to judge by your own policies"
        )
    }

    /// How many signatures of one manifest are tried.
    ///
    /// - Throws: ``InputError`` when that is out of bounds.
    func maximumSignatures() throws(InputError) -> Int {
        try VerifyOptions.maximumSignatures(maxSignatures)
    }

    /// The platform, if one is named.
    ///
    /// - Throws: ``InputError`` when it cannot be read.
    func readPlatform() throws(InputError) -> Platform? {
        guard let platform else { return nil }
        do throws(OCIError) {
            return try Platform(platform)
        } catch {
            throw InputError("--platform: \(error.message)")
        }
    }
}
