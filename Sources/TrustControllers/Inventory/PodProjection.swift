import JSONModel
import KubernetesAPI
import KubernetesClient

/// Makes ``PodImages`` of a pod while it is read: of the several kilobytes that a pod has, only its age, its labels, the
/// images of its containers and the names of its pull secrets are ever looked at.
///
/// Pods are many and alike. Those of one workload share their labels and their images in memory.
struct PodProjection: ObjectProjection {
    struct Draft {
        var created: KubernetesTime?
        var labels: [String: String] = [:]
        var phase: String?
        /// Regular, init and ephemeral containers, each list as it was read last.
        var declared = ContainerLists()
        var statuses = ContainerLists()
        var serviceAccount: String?
        var pullSecrets: [String?] = []
        /// What the node selector says of the node, and what `spec.os` says.
        var architecture: String?
        var system: String?
        var operatingSystem: String?
    }

    /// The lists of containers in a pod's specification, or in its status.
    struct ContainerLists {
        var regular: [Container] = []
        var initial: [Container] = []
        var ephemeral: [Container] = []

        var all: ArraySlice<Container> { (regular + initial + ephemeral).prefix(PodImages.maximumContainers) }
    }

    /// What is read of a container or of its status.
    struct Container {
        var name: String
        var image: String?
        var imageID: String?
    }

    /// A container, or its status, has no name.
    private struct MissingContainerName: Error {}

    /// The most references of a pod that are read, of which those are kept that differ.
    private static let maximumReferences = 1024

    private let strings = StringPool()
    private let shared = SharedPodParts()

    func draft() -> Draft { Draft() }

    func readMetadata(_ name: JSONName, _ reader: inout JSONReader, into draft: inout Draft) throws -> Bool {
        if case "creationTimestamp" = name {
            draft.created = try reader.optionalString().flatMap { KubernetesTime($0) }
            return true
        }
        guard case "labels" = name else { return false }
        var labels: [String: String] = [:]
        try reader.members { name, reader in
            let key = name.string(in: strings)
            labels[key] = try reader.string(in: strings)
        }
        draft.labels = labels
        return true
    }

    func read(_ name: JSONName, _ reader: inout JSONReader, into draft: inout Draft) throws -> Bool {
        switch name {
        case "spec":
            draft.declared = ContainerLists()
            (draft.serviceAccount, draft.pullSecrets) = (nil, [])
            (draft.architecture, draft.system, draft.operatingSystem) = (nil, nil, nil)
            try reader.members { name, reader in
                switch name {
                case "containers": draft.declared.regular = try containers(&reader)
                case "initContainers": draft.declared.initial = try containers(&reader)
                case "ephemeralContainers": draft.declared.ephemeral = try containers(&reader)
                case "serviceAccountName": draft.serviceAccount = try reader.optionalString(in: strings)
                case "imagePullSecrets": draft.pullSecrets = try references(&reader)
                case "nodeSelector": try readNodeSelector(&reader, into: &draft)
                case "os": draft.operatingSystem = try operatingSystem(&reader)
                default: try reader.skip()
                }
            }
        case "status":
            (draft.phase, draft.statuses) = (nil, ContainerLists())
            try reader.members { name, reader in
                switch name {
                case "phase": draft.phase = try reader.optionalString()
                case "containerStatuses": draft.statuses.regular = try containers(&reader)
                case "initContainerStatuses": draft.statuses.initial = try containers(&reader)
                case "ephemeralContainerStatuses": draft.statuses.ephemeral = try containers(&reader)
                default: try reader.skip()
                }
            }
        default: return false
        }
        return true
    }

    private func readNodeSelector(_ reader: inout JSONReader, into draft: inout Draft) throws {
        (draft.architecture, draft.system) = (nil, nil)
        try reader.members { name, reader in
            switch name {
            case "kubernetes.io/arch": draft.architecture = try reader.string(in: strings)
            case "kubernetes.io/os": draft.system = try reader.string(in: strings)
            default: try reader.skip()
            }
        }
    }

    private func operatingSystem(_ reader: inout JSONReader) throws -> String? {
        var found: String?
        try reader.members { name, reader in
            if case "name" = name { found = try reader.optionalString(in: strings) } else { try reader.skip() }
        }
        return found
    }

    /// The names in a list of references to objects.
    private func references(_ reader: inout JSONReader) throws -> [String?] {
        var names: [String?] = []
        try reader.elements { reader in
            var found: String?
            try reader.beginObject()
            while let name = try reader.nextMember() {
                if case "name" = name { found = try reader.optionalString(in: strings) } else { try reader.skip() }
            }
            if names.count < Self.maximumReferences { names.append(found) }
        }
        return names
    }

    private func containers(_ reader: inout JSONReader) throws -> [Container] {
        var containers: [Container] = []
        try reader.elements { reader in
            guard containers.count < PodImages.maximumContainers else { return try reader.skip() }
            var container = Container(name: "")
            var isNamed = false
            try reader.beginObject()
            while let name = try reader.nextMember() {
                switch name {
                case "name":
                    container.name = try reader.string(in: strings)
                    isNamed = true
                case "image": container.image = try reader.optionalString(in: strings)
                case "imageID": container.imageID = try reader.optionalString(in: strings)
                default: try reader.skip()
                }
            }
            guard isNamed else { throw MissingContainerName() }
            containers.append(container)
        }
        return containers
    }

    func value(_ draft: Draft, _ header: ObjectHeader) -> PodImages {
        var declared: [String: String] = [:]
        for container in draft.declared.all where declared[container.name] == nil {
            declared[container.name] = container.image
        }
        let hasEnded = draft.phase == "Succeeded" || draft.phase == "Failed"
        let running = (hasEnded ? [] : draft.statuses.all).map { status in
            SharedPodParts.Report(
                name: status.name,
                image: declared[status.name] ?? status.image,
                imageID: status.imageID
            )
        }
        return PodImages(
            created: draft.created,
            labels: shared.labels(LabelSet(draft.labels)),
            images: shared.images(
                running,
                on: PodPlatform.platform(
                    architecture: draft.architecture,
                    system: draft.system ?? draft.operatingSystem
                )
            ),
            pullSecrets: shared.pullSecrets(
                PullSecretReferences(secrets: draft.pullSecrets, serviceAccount: draft.serviceAccount)
            )
        )
    }
}
