import KubernetesAPI

/// A kind that exists in these tests only.
struct Gadget: KubernetesObject, Equatable {
    static let resource = ResourceType(
        group: "example.com",
        version: "v1",
        plural: "gadgets",
        kind: "Gadget",
        isNamespaced: true
    )

    struct Specification: Codable, Sendable, Equatable {
        var size: Int
    }

    var metadata: ObjectMeta
    var spec: Specification

    static func json(_ name: String, version: String = "1", size: String = "1") -> String {
        """
        {"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"\(name)","namespace":"shop",\
        "resourceVersion":"\(version)"},"spec":{"size":\(size)}}
        """
    }

    static func list(_ items: [String], next: String? = nil, version: String = "10") -> String {
        let token = next.map { ",\"continue\":\"\($0)\"" } ?? ""
        return "{\"kind\":\"GadgetList\",\"metadata\":{\"resourceVersion\":\"\(version)\"\(token)},"
            + "\"items\":[\(items.joined(separator: ","))]}"
    }

    static func status(_ code: Int, _ reason: String, details: String = "{}") -> String {
        """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"said so","reason":"\(reason)",\
        "details":\(details),"code":\(code)}
        """
    }
}
