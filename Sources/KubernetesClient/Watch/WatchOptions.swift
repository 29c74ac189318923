internal import KubernetesAPI

/// How a watch begins and ends.
public struct WatchOptions: Sendable, Hashable {
    /// The version to continue from; empty for the most recent.
    public var resourceVersion: String
    /// Whether the stream begins with the existing objects and marks their end with a bookmark.
    public var sendsInitialEvents: Bool
    /// After how many seconds the server shall end the stream.
    public var timeoutSeconds: Int?
    /// The longest line, in bytes.
    public var maximumLineBytes: Int

    /// Creates options.
    public init(
        resourceVersion: String = "",
        sendsInitialEvents: Bool = false,
        timeoutSeconds: Int? = nil,
        maximumLineBytes: Int = 8 << 20
    ) {
        self.resourceVersion = resourceVersion
        self.sendsInitialEvents = sendsInitialEvents
        self.timeoutSeconds = timeoutSeconds
        self.maximumLineBytes = maximumLineBytes
    }

    var query: [APIRequest.QueryItem] {
        var items = [
            APIRequest.QueryItem("watch", "true"), APIRequest.QueryItem("allowWatchBookmarks", "true"),
        ]
        if sendsInitialEvents {
            items.append(APIRequest.QueryItem("sendInitialEvents", "true"))
            items.append(APIRequest.QueryItem("resourceVersionMatch", "NotOlderThan"))
        }
        if !resourceVersion.isEmpty { items.append(APIRequest.QueryItem("resourceVersion", resourceVersion)) }
        if let timeoutSeconds { items.append(APIRequest.QueryItem("timeoutSeconds", String(timeoutSeconds))) }
        return items
    }
}
