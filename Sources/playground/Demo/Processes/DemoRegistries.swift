import Foundation
import JSONModel

/// The registries of the demo: one that anybody can read, and one behind a password.
struct DemoRegistries: Sendable {
    /// `host:port` of the one that anybody can read.
    let open: String
    /// `host:port` of the one behind a password.
    let guarded: String

    /// Who may use the guarded one.
    static let user = "payments-ci"
    private static let password = "only-for-the-demo"
    /// The user and the password as Apache's `htpasswd -B` writes them, made with
    /// `perl -e 'print crypt("only-for-the-demo", q($2y$05$VigilDemoSaltForHtpass.))'`.
    static let htpasswd = "payments-ci:$2y$05$VigilDemoSaltForHtpase0TY6nqQlI0.zBBRTqgRD2xsBtUTjrXa"

    /// The options with which vigil speaks plain HTTP with both.
    var plainHTTP: [String] { ["--plain-http-registry", open, "--plain-http-registry", guarded] }

    /// Where an image is pushed to.
    func address(of image: DemoImage) -> String { image.isPrivate ? guarded : open }

    /// Docker's configuration file (`~/.docker/config.json`) with the password; also what a pull secret holds.
    var dockerConfiguration: String {
        let login = Data("\(Self.user):\(Self.password)".utf8).base64EncodedString()
        return JSONSerializer().string(["auths": [guarded: ["auth": .string(login)]]])
    }
}
