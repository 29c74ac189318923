/// What notation has to be told of the CA and its signers.
extension OpenSSLCA {
    /// Gives notation the keys that `signers` sign with, the trust store `ca:pki` with the CA's root, and a policy.
    ///
    /// - Parameters:
    ///   - signers: the names of certificates that were issued.
    ///   - policy: says which stores count.
    /// - Throws: what the file system says.
    func configureNotation(signers: [String], policy: NotationPolicy = NotationPolicy(stores: ["ca:pki"])) throws {
        let keys = signers.map {
            #"{"name": "\#($0)", "keyPath": "\#(file("\($0).key"))", "certPath": "\#(file("\($0).chain.pem"))"}"#
        }
        try workspace.write("{\"keys\": [\(keys.joined(separator: ", "))]}", to: "config/notation/signingkeys.json")
        try workspace.write(try workspace.read("pki/root.pem"), to: "config/notation/truststore/x509/ca/pki/root.pem")
        try workspace.apply(policy)
    }
}
