/// A trust policy document of notation with one policy, for every repository.
struct NotationPolicy: CustomStringConvertible {
    var level = "strict"
    var stores = ["ca:good"]
    var identity = "*"
    /// `always` or `afterCertExpiry`; `nil` says nothing about it.
    var verifyTimestamp: String?

    var description: String {
        let stores = stores.map { "\"\($0)\"" }.joined(separator: ", ")
        let timestamp = verifyTimestamp.map { ", \"verifyTimestamp\": \"\($0)\"" } ?? ""
        return """
            {"version": "1.0", "trustPolicies": [{"name": "p", "registryScopes": ["*"],
              "signatureVerification": {"level": "\(level)"\(timestamp)},
              "trustStores": [\(stores)], "trustedIdentities": ["\(identity)"]}]}
            """
    }
}

extension Workspace {
    /// Makes `policy` the one that notation and vigil go by.
    func apply(_ policy: NotationPolicy) throws { try write("\(policy)", to: "config/notation/trustpolicy.json") }
}
