import ImageTrust
import OCIModel
import OCIRegistry
import OperatorTestKit
import Synchronization

/// A registry whose answers a test can hold back.
final class GatedRegistry: ImageRegistry {
    private struct State {
        var isHeld = false
        var nextID = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let base: InMemoryRegistry
    private let state = Mutex(State())

    init(_ base: InMemoryRegistry) { self.base = base }

    /// How many requests wait.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Holds every request back from here on.
    func hold() { state.withLock { $0.isHeld = true } }

    /// Lets them through.
    func release() {
        let waiters = state.withLock { state in
            state.isHeld = false
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    private func pass() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isOpen = state.withLock { state in
                    if !state.isHeld || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOpen { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    func resolve(_ reference: ImageReference) async throws(RegistryError) -> FetchedManifest {
        await pass()
        return try await base.resolve(reference)
    }

    func manifest(_ repository: RepositoryName, _ digest: Digest) async throws(RegistryError) -> FetchedManifest {
        await pass()
        return try await base.manifest(repository, digest)
    }

    func blob(
        _ repository: RepositoryName,
        _ descriptor: Descriptor,
        limit: Int
    ) async throws(RegistryError) -> [UInt8] {
        await pass()
        return try await base.blob(repository, descriptor, limit: limit)
    }

    func referrers(
        _ repository: RepositoryName,
        to subject: Digest,
        artifactType: MediaType?
    ) async throws(RegistryError) -> [Descriptor] {
        await pass()
        return try await base.referrers(repository, to: subject, artifactType: artifactType)
    }

    func target(
        _ repository: RepositoryName,
        of tag: String,
        within age: Duration
    ) async throws(RegistryError) -> Digest {
        await pass()
        return try await base.target(repository, of: tag, within: age)
    }
}
