internal import KubernetesAPI

/// Which objects of a type are meant.
public struct ObjectSelection: Sendable, Hashable {
    /// The namespace; `nil` for all, and for cluster-scoped types.
    public var namespace: String?
    /// A label selector in the API's notation, such as `app=web,tier!=cache`.
    public var labelSelector: String?
    /// A field selector in the API's notation, such as `metadata.name=web`.
    public var fieldSelector: String?

    /// Creates a selection; without arguments, every object in the cluster.
    public init(namespace: String? = nil, labelSelector: String? = nil, fieldSelector: String? = nil) {
        self.namespace = namespace
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
    }

    /// The selection's part of a query.
    var query: [APIRequest.QueryItem] {
        var items: [APIRequest.QueryItem] = []
        if let labelSelector { items.append(APIRequest.QueryItem("labelSelector", labelSelector)) }
        if let fieldSelector { items.append(APIRequest.QueryItem("fieldSelector", fieldSelector)) }
        return items
    }
}
