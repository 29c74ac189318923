import SigningTestKit

/// Short ways to say what a flaw changes.
extension EnvelopeFlaw {
    typealias JWSChange = @Sendable (inout JWSRecipe) -> Void
    typealias COSEChange = @Sendable (inout COSERecipe) -> Void
    typealias RequestChange = @Sendable (inout SigningRequest) -> Void

    static func request(_ name: String, _ expected: Expected, _ change: @escaping RequestChange) -> EnvelopeFlaw {
        var flaw = EnvelopeFlaw(name, expected)
        flaw.request = change
        return flaw
    }

    static func jws(_ name: String, _ expected: Expected, _ change: @escaping JWSChange) -> EnvelopeFlaw {
        var flaw = EnvelopeFlaw(name, expected)
        flaw.jws = change
        return flaw
    }

    static func cose(_ name: String, _ expected: Expected, _ change: @escaping COSEChange) -> EnvelopeFlaw {
        var flaw = EnvelopeFlaw(name, expected)
        flaw.cose = change
        return flaw
    }

    static func both(
        _ name: String,
        _ expected: Expected,
        jws: @escaping JWSChange,
        cose: @escaping COSEChange
    ) -> EnvelopeFlaw {
        var flaw = EnvelopeFlaw(name, expected)
        flaw.jws = jws
        flaw.cose = cose
        return flaw
    }

    /// A change of the text of the finished JWS.
    static func text(
        _ name: String,
        _ expected: Expected,
        _ change: @escaping @Sendable (String) -> String
    ) -> EnvelopeFlaw {
        var flaw = EnvelopeFlaw(name, expected)
        flaw.jwsText = change
        return flaw
    }

    /// The same flaw, with another expectation of COSE.
    func inCOSE(_ expected: Expected) -> EnvelopeFlaw {
        var flaw = self
        flaw.expectedOfCOSE = expected
        return flaw
    }

    /// The same flaw, in one scheme alone.
    func only(_ scheme: EnvelopeRecipe.Scheme) -> EnvelopeFlaw {
        var flaw = self
        flaw.schemes = [scheme]
        return flaw
    }

    /// The same flaw, with a kind of key.
    func with(_ key: TestKey.Kind) -> EnvelopeFlaw {
        var flaw = self
        flaw.key = key
        return flaw
    }

    /// The same flaw, as part of the sample.
    var sampled: EnvelopeFlaw {
        var flaw = self
        flaw.isInSample = true
        return flaw
    }
}

/// The names of headers.
enum NotaryName {
    static let scheme = "io.cncf.notary.signingScheme"
    static let signingTime = "io.cncf.notary.signingTime"
    static let authenticSigningTime = "io.cncf.notary.authenticSigningTime"
    static let expiry = "io.cncf.notary.expiry"
    static let plugin = "io.cncf.notary.verificationPlugin"
    static let pluginMinVersion = "io.cncf.notary.verificationPluginMinVersion"
}
