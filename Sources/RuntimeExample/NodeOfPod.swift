import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime

/// Keeps the name of the node of each pod.
struct NodeOfPod: ObjectProjection {
    private let strings = StringPool()

    func draft() -> String? { nil }

    func read(_ name: JSONName, _ reader: inout JSONReader, into draft: inout String?) throws -> Bool {
        guard case "spec" = name else { return false }
        draft = nil
        try reader.members { name, reader in
            if case "nodeName" = name { draft = try reader.optionalString(in: strings) } else { try reader.skip() }
        }
        return true
    }

    func value(_ draft: String?, _ header: ObjectHeader) -> String? { draft }

    /// A copy of the nodes of all pods of a selection, with an index by node.
    static func informer(_ client: APIClient, _ selection: ObjectSelection) -> Informer<Pod, String?> {
        Informer(
            client: client,
            selection: selection,
            indexers: ["node": { _, node in node.map { [$0] } ?? [] }],
            reading: ObjectReader(Pod.resource, NodeOfPod())
        )
    }
}
