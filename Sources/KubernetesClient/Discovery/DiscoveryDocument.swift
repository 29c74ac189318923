import JSONModel
import KubernetesAPI

/// Reads discovery documents, of whichever form the server has.
enum DiscoveryDocument {
    /// Asks for the aggregated form, and takes the plain one (KEP-3352).
    static let accept = [
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", "application/json",
    ].joined(separator: ",")

    /// What an aggregated document says; `nil` when it is none.
    static func aggregated(_ json: JSONValue) -> [GroupVersion: GroupVersionReport]? {
        guard json["kind"]?.string == "APIGroupDiscoveryList" else { return nil }
        var reports: [GroupVersion: GroupVersionReport] = [:]
        for item in json["items"]?.array ?? [] {
            let group = item.value(at: "metadata", "name")?.string ?? ""
            for entry in item["versions"]?.array ?? [] {
                guard let version = entry["version"]?.string else { continue }
                let groupVersion = GroupVersion(group: group, version: version)
                if entry["freshness"]?.string == "Stale" {
                    reports[groupVersion] = .stale
                } else {
                    let resources = entry["resources"]?.array ?? []
                    reports[groupVersion] = .resources(resources.compactMap { aggregated($0, groupVersion) })
                }
            }
        }
        return reports
    }

    /// The group versions of `/api` (`APIVersions`) or `/apis` (`APIGroupList`) in the plain form.
    static func groupVersions(_ json: JSONValue) -> [GroupVersion]? {
        switch json["kind"]?.string {
        case "APIVersions":
            return texts(json["versions"]).map { GroupVersion(group: "", version: $0) }
        case "APIGroupList":
            return (json["groups"]?.array ?? []).flatMap { group in
                let name = group["name"]?.string ?? ""
                return (group["versions"]?.array ?? []).compactMap { entry in
                    entry["version"]?.string.map { GroupVersion(group: name, version: $0) }
                }
            }
        default: return nil
        }
    }

    /// The resources of one group version (`APIResourceList`) in the plain form.
    static func resources(_ json: JSONValue, _ groupVersion: GroupVersion) -> [DiscoveredResource]? {
        guard json["kind"]?.string == "APIResourceList" else { return nil }
        let entries = json["resources"]?.array ?? []
        var subresources: [String: Set<String>] = [:]
        for case let name? in entries.map({ $0["name"]?.string }) {
            guard let slash = name.firstIndex(of: "/") else { continue }
            subresources[String(name[..<slash]), default: []].insert(String(name[name.index(after: slash)...]))
        }
        return entries.compactMap { entry in
            guard let name = entry["name"]?.string, isName(name), let kind = entry["kind"]?.string, !kind.isEmpty else {
                return nil
            }
            return DiscoveredResource(
                ResourceType(
                    group: groupVersion.group,
                    version: groupVersion.version,
                    plural: name,
                    kind: kind,
                    isNamespaced: entry["namespaced"]?.bool ?? false
                ),
                verbs: Set(texts(entry["verbs"])),
                subresources: subresources[name] ?? [],
                shortNames: texts(entry["shortNames"])
            )
        }
    }

    private static func aggregated(_ entry: JSONValue, _ groupVersion: GroupVersion) -> DiscoveredResource? {
        // Without a kind there is only a subresource, such as that of a collection of another group.
        guard let name = entry["resource"]?.string, isName(name),
            let kind = entry.value(at: "responseKind", "kind")?.string, !kind.isEmpty
        else { return nil }
        return DiscoveredResource(
            ResourceType(
                group: groupVersion.group,
                version: groupVersion.version,
                plural: name,
                kind: kind,
                isNamespaced: entry["scope"]?.string == "Namespaced"
            ),
            verbs: Set(texts(entry["verbs"])),
            subresources: Set((entry["subresources"]?.array ?? []).compactMap { $0["subresource"]?.string }),
            shortNames: texts(entry["shortNames"])
        )
    }

    /// Whether a name can stand in a path; with a `/` it is that of a subresource.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
            }
    }

    private static func texts(_ json: JSONValue?) -> [String] { (json?.array ?? []).compactMap(\.string) }
}
