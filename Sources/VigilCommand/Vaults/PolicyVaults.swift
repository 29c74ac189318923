import FoundationEssentials
import JSONModel
import TrustControllers
import TrustResources

/// The certificates in vaults that policies in files name, read before the policies are.
struct PolicyVaults: Sendable {
    private var lookups: [KeyVaultSource: CertificateLookup] = [:]

    /// Nothing was read.
    init() {}

    /// Reads what the policies among `documents` name; asks nobody where they name nothing.
    ///
    /// A policy that cannot be read names nothing; what is wrong with it is told by whoever reads it to its end.
    ///
    /// - Throws: ``InputError`` when vaults cannot be asked at all; the task's cancellation is one, too.
    init(
        of documents: [SourceDocument],
        _ options: VaultOptions,
        in environment: CommandEnvironment
    ) async throws(InputError) {
        let sources = documents.flatMap(Self.sources)
        guard !sources.isEmpty else { return }
        do {
            lookups = try await environment.vaults.withVaults(options, environment: environment.variables) { vaults in
                var lookups: [KeyVaultSource: CertificateLookup] = [:]
                for source in sources where lookups[source] == nil {
                    lookups[source] = try await vaults.lookUp(source)
                }
                return lookups
            }
        } catch let error as InputError {
            throw error
        } catch {
            throw InputError("the vaults that policies name were not read: \(error)")
        }
    }

    /// What a vault held.
    func certificates(_ source: KeyVaultSource) -> CertificateLookup {
        lookups[source] ?? .unavailable("is in a vault, which is not asked here")
    }

    private static func sources(_ document: SourceDocument) -> [KeyVaultSource] {
        switch PolicyDocument(document) {
        case .list(let items): return items.flatMap(sources)
        case .policy(let isCluster):
            guard let object = try? PolicyDocument.Object(document.value, isCluster: isCluster) else { return [] }
            return object.certificateReferences.compactMap { reference in
                if case .keyVault(let source) = reference { return source }
                return nil
            }
        default: return []
        }
    }
}
