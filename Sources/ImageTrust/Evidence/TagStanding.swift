public import OCIModel
import OCIRegistry

/// Where a tag leads, compared with the image that runs by it.
///
/// It says nothing about trust: what runs is judged by its digest.
public enum TagStanding: Sendable, Hashable {
    /// To what runs, or to an index that lists it.
    case same
    /// To something else.
    case moved(to: Digest)
    /// Nowhere: there is no such tag any more.
    case absent
    /// Nobody could be asked.
    case unknown
}

extension ImageJudge {
    /// Where `tag` leads, compared with `image`; see ``SharedJudgements/standing(of:running:reading:within:)``.
    ///
    /// One question where the tag leads to what runs. Otherwise what it leads to is fetched, once, to see whether it is
    /// an index of what runs. What cannot be read as one is not.
    func standing(of tag: String, running image: ImageReference, within age: Duration) async -> TagStanding {
        guard let running = image.digest else { return .unknown }
        let target: Digest
        do throws(RegistryError) {
            target = try await registry.target(image.repository, of: tag, within: age)
        } catch {
            return error.code == .notFound ? .absent : .unknown
        }
        guard target != running else { return .same }
        let known = indexes?.memberships(running, in: image.repository) ?? []
        if known.contains(where: { $0.index.digest == target }) { return .same }
        do throws(RegistryError) {
            let fetched = try await registry.manifest(image.repository, target)
            guard case .index(let index) = fetched.manifest else { return .moved(to: target) }
            return index.manifests.contains { $0.digest == running } ? .same : .moved(to: target)
        } catch {
            return RegistryFailure.isAboutOneAnswer(error) ? .moved(to: target) : .unknown
        }
    }
}
