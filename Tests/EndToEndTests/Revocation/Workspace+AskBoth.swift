import Testing

extension Workspace {
    /// Asks `notation verify` and `vigil verify` about an image, with revocation services on this machine; they must agree.
    ///
    /// - Parameters:
    ///   - image: the reference.
    ///   - name: what the case is called where they do not.
    /// - Returns: the status and the words of `vigil`.
    /// - Throws: what starting them throws.
    func askBoth(_ image: String, _ name: String) async throws -> (Int32, String) {
        let theirs = try await run(RealTools.path("notation"), ["verify", "--insecure-registry", image])
        let ours = try await vigil(["verify", "--plain-http", "--revocation-allow-host", "127.0.0.1", "-v", image])
        let text = ours.output + ours.errors
        #expect((theirs.status == 0) == (ours.status == 0), "\(name)\nnotation: \(theirs.errors)\nvigil: \(text)")
        return (ours.status, text)
    }
}
