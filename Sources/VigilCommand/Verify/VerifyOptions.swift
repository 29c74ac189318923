import ArgumentParser
import CloudServices
import ImageTrust
import OCIModel
import TrustResources

/// The command line of `vigil verify`, read and found to be consistent.
struct VerifyOptions: Sendable {
    /// Where policies come from.
    enum Policies: Sendable, Hashable {
        case files([String])
        case notation(String)
        /// The folder of notation that the environment leads to.
        case customary
        /// Policies that are no files; the name stands for them in messages.
        case given(EvidenceBundle.Policies, name: String)
    }

    /// The bundle whose images are judged again; nothing else is judged then.
    var bundle: String?

    /// The image in a layout that is judged, and the repository it belongs to; nothing else is judged then.
    var layout: (reference: LayoutReference, repository: RepositoryName)?

    var images: [String]
    var manifests: [String]
    var policies: Policies
    var output: OutputFormat
    var platform: Platform?
    var concurrency: Int
    /// How registries are asked.
    var access: RegistryAccess
    /// What every signature must carry besides what policies require.
    var requiredMetadata: RequiredMetadata
    /// How many signatures of one manifest are tried.
    var maximumSignatures: Int
    /// Hosts that may be asked about revocation although they are internal.
    var revocationHosts: Set<RevocationAccess.Host>
    /// Hosts that count as Azure's.
    var azureAccess: AzureAccess
    var isVerbose: Bool
    var isQuiet: Bool

    static let concurrencies = 1...64
    static let signatureCounts = 1...1000

    /// Checks the value of `--max-signatures`.
    ///
    /// - Throws: ``InputError`` when it is out of bounds.
    static func maximumSignatures(_ count: Int) throws(InputError) -> Int {
        guard signatureCounts.contains(count) else {
            throw InputError("--max-signatures \(count) is out of bounds; 1 to 1000 is allowed")
        }
        return count
    }
}

extension RevocationAccess {
    /// Reads the values of `--revocation-allow-host`.
    ///
    /// - Throws: ``InputError`` with what to write instead.
    static func hosts(_ values: [String]) throws(InputError) -> Set<Host> {
        var hosts: Set<Host> = []
        for value in values {
            guard let host = Host(value) else {
                throw InputError(
                    "--revocation-allow-host: \"\(value.prefix(80))\" is no host; write host or host:port, such as "
                        + "ocsp.example.internal:8080"
                )
            }
            hosts.insert(host)
        }
        return hosts
    }
}

extension VerifyCommand {
    /// The options.
    ///
    /// - Throws: ``InputError`` with what to write instead.
    func options() throws(InputError) -> VerifyOptions {
        let layout = try layout()
        guard bundle != nil || layout != nil || !images.isEmpty || !manifests.isEmpty else {
            throw InputError(
                "there is nothing to judge; name images, manifests with -f, a bundle with --bundle, or a layout with --oci-layout"
            )
        }
        let policies = try judgement.policySource()
        if bundle != nil {
            guard images.isEmpty, manifests.isEmpty else {
                throw InputError("--bundle says what is judged; leave out images and -f")
            }
            try judgement.checkReplay()
        }
        guard !registries.passwordStdin || !manifests.contains("-") else {
            throw InputError("--password-stdin and -f - both read standard input; write the manifests to a file")
        }
        guard !(verbose && quiet) else { throw InputError("--verbose and --quiet exclude each other; keep one") }
        guard VerifyOptions.concurrencies.contains(concurrency) else {
            throw InputError("--concurrency \(concurrency) is out of bounds; 1 to 64 is allowed")
        }
        return VerifyOptions(
            bundle: bundle,
            layout: layout,
            images: images,
            manifests: manifests,
            policies: policies,
            output: output,
            platform: try judgement.readPlatform(),
            concurrency: concurrency,
            access: try registries.access(),
            requiredMetadata: try RequiredMetadata(judgement.userMetadata),
            maximumSignatures: try judgement.maximumSignatures(),
            revocationHosts: try RevocationAccess.hosts(judgement.revocationHosts),
            azureAccess: try VaultOptions.access(judgement.azureHosts),
            isVerbose: verbose,
            isQuiet: quiet
        )
    }

    /// The layout that is judged; `nil` where none is named.
    ///
    /// - Throws: ``InputError`` with what to write instead.
    private func layout() throws(InputError) -> (reference: LayoutReference, repository: RepositoryName)? {
        guard let ociLayout else {
            guard scope == nil else { throw InputError("--scope is for --oci-layout") }
            return nil
        }
        guard bundle == nil, images.isEmpty, manifests.isEmpty else {
            throw InputError("--oci-layout says what is judged; leave out images, -f and --bundle")
        }
        guard let scope else {
            throw InputError(
                "--oci-layout needs --scope registry/repository: policies speak for images by their repository"
            )
        }
        let reference = try LayoutReference(ociLayout)
        do throws(OCIError) {
            return (reference, try RepositoryName(scope))
        } catch {
            throw InputError("--scope: \(error.message)")
        }
    }
}
