import KubernetesAPI
import OCIModel
import Synchronization

/// Lets pods that are alike share what is kept of them.
///
/// Each table is emptied when it is full: what pods still hold stays theirs, and is shared anew as it occurs.
final class SharedPodParts: Sendable {
    /// What a pod says of one of its containers: its name, the image as written, and the image ID that the runtime reports.
    struct Report: Hashable, Sendable {
        var name: String
        var image: String?
        var imageID: String?
    }

    /// What a pod's images depend on.
    private struct Run: Hashable {
        let reports: [Report]
        let platform: Platform?
    }

    private struct Tables {
        var labels: Set<LabelSet> = []
        var images: [Run: [PodImages.Image]] = [:]
        var pullSecrets: Set<PullSecretReferences> = []
    }

    /// How many entries each table has at most.
    private static let capacity = 4096

    private let tables = Mutex(Tables())

    /// Labels equal to `labels`.
    func labels(_ labels: LabelSet) -> LabelSet {
        tables.withLock { tables in
            if tables.labels.count >= Self.capacity { tables.labels = [] }
            return tables.labels.insert(labels).memberAfterInsert
        }
    }

    /// References equal to `references`.
    func pullSecrets(_ references: PullSecretReferences) -> PullSecretReferences {
        tables.withLock { tables in
            if tables.pullSecrets.count >= Self.capacity { tables.pullSecrets = [] }
            return tables.pullSecrets.insert(references).memberAfterInsert
        }
    }

    /// The images that the containers of a pod run, each once, on nodes of `platform`.
    func images(_ reports: [Report], on platform: Platform?) -> [PodImages.Image] {
        guard !reports.isEmpty else { return [] }
        let run = Run(reports: reports, platform: platform)
        if let known = tables.withLock({ $0.images[run] }) { return known }
        let images = PodImages.images(
            reports.lazy.map {
                PodImages.Container(name: $0.name, image: RunningImage(image: $0.image, imageID: $0.imageID))
            },
            on: platform
        )
        tables.withLock { tables in
            if tables.images.count >= Self.capacity { tables.images = [:] }
            tables.images[run] = images
        }
        return images
    }
}
