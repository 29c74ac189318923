import EmbeddedKubernetes
import JSONModel

/// One verb on one resource that a rule of a role grants, for one name if the rule names any, in one namespace if that is
/// where the role is bound.
struct GrantedRight: Hashable, CustomStringConvertible {
    let group: String
    let resource: String
    let verb: String
    let name: String?
    let namespace: String?

    var description: String {
        "\(verb) \(resource) of \"\(group)\"\(name.map { ", \($0)" } ?? "")\(namespace.map { " in \($0)" } ?? "")"
    }

    /// Everything that the rules of a Role or ClusterRole grant that is bound in a namespace, or for all of them.
    static func all(of role: JSONValue, in namespace: String?) -> Set<GrantedRight> {
        var rights: Set<GrantedRight> = []
        for rule in role["rules"]?.array ?? [] {
            func texts(_ member: String) -> [String] { rule[member]?.array?.compactMap(\.string) ?? [] }
            let names: [String?] = texts("resourceNames").isEmpty ? [nil] : texts("resourceNames")
            for group in texts("apiGroups") {
                for resource in texts("resources") {
                    for verb in texts("verbs") {
                        for name in names {
                            rights.insert(
                                GrantedRight(
                                    group: group,
                                    resource: resource,
                                    verb: verb,
                                    name: name,
                                    namespace: namespace
                                )
                            )
                        }
                    }
                }
            }
        }
        return rights
    }

    /// Whether a request needs this right.
    func isUsed(by access: RecordedAccess) -> Bool {
        access.group == group && access.resource == resource && access.verb == verb
            && (name == nil || name == access.name) && (namespace == nil || namespace == access.namespace)
    }
}
