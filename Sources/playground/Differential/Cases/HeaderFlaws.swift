import FoundationEssentials
import SigningTestKit

/// Flaws of the protected header that exist in both formats: schemes, times, critical names, plugins.
extension EnvelopeFlaw {
    static let ofHeaders: [EnvelopeFlaw] = ofContentType + ofSchemes + ofTimes + ofCriticalNames + ofPlugins

    private static let ofContentType: [EnvelopeFlaw] = [
        .both(
            "content-type-of-something-else",
            .refused(.integrity),
            jws: { $0.set("cty", json: "\"application/json\"") },
            cose: { $0.set(.integer(3), .text("application/json")) }
        ),
        .both(
            "content-type-missing",
            .refused(.integrity),
            jws: { $0.remove("cty") },
            cose: { $0.remove(.integer(3)) }
        ),
        .both(
            "content-type-in-upper-case",
            .refused(.integrity),
            jws: { $0.set("cty", json: "\"APPLICATION/VND.CNCF.NOTARY.PAYLOAD.V1+JSON\"") },
            cose: { $0.set(.integer(3), .text("APPLICATION/VND.CNCF.NOTARY.PAYLOAD.V1+JSON")) }
        ),
        .cose("content-type-as-number", .refused(.integrity)) { $0.set(.integer(3), .integer(50)) },
    ]

    private static let ofSchemes: [EnvelopeFlaw] = [
        .request("scheme-unknown", .refused(.integrity)) { $0.scheme = "notary.pgp" },
        .request("scheme-empty", .refused(.integrity)) { $0.scheme = "" },
        .both(
            "scheme-missing",
            .refused(.integrity),
            jws: { $0.remove(NotaryName.scheme) },
            cose: { $0.remove(.text(NotaryName.scheme)) }
        ),
        .both(
            "scheme-as-number",
            .refused(.integrity),
            jws: { $0.set(NotaryName.scheme, json: "1") },
            cose: { $0.set(.text(NotaryName.scheme), .integer(1)) }
        ),
    ]

    private static let ofTimes: [EnvelopeFlaw] = [
        .request("expires-in-the-future", .accepted()) { $0.expiry = Date(timeIntervalSince1970: 2_051_000_000) },
        .request("expired", .refused(.expiry)) { $0.expiry = Date(timeIntervalSince1970: 1_768_000_000) }.sampled,
        .request("expires-before-it-was-signed", .refused(.integrity)) {
            $0.expiry = Date(timeIntervalSince1970: 1_767_000_000)
        },
        .request("expires-when-it-was-signed", .refused(.integrity)) { $0.expiry = EnvelopeRecipe.signingTime },
        .request("signing-time-missing", .refused(.integrity)) {
            $0.signingTime = nil
            $0.authenticSigningTime = nil
        },
        .request("authentic-signing-time-under-x509", .refused(.integrity)) {
            $0.authenticSigningTime = EnvelopeRecipe.signingTime
        }.only(.x509).inCOSE(.stricter(.timeOfTheOtherScheme)),
        .request("signing-time-under-authority", .refused(.integrity)) {
            $0.signingTime = EnvelopeRecipe.signingTime
        }.only(.signingAuthority).inCOSE(.stricter(.timeOfTheOtherScheme)),
        .request("signed-before-the-certificate-was-valid", .refused(.time)) {
            $0.authenticSigningTime = Date(timeIntervalSince1970: 1_700_000_000)
        }.only(.signingAuthority).sampled,
        .request("signed-after-the-certificate-was-valid", .refused(.time)) {
            $0.authenticSigningTime = Date(timeIntervalSince1970: 2_100_000_000)
        }.only(.signingAuthority),
        .request("claims-to-be-signed-in-the-future", .accepted()) {
            $0.signingTime = Date(timeIntervalSince1970: 2_100_000_000)
        }.only(.x509),
        .request("no-signing-agent", .accepted()) { $0.signingAgent = nil },
        .request("timestamp-that-nobody-asked-for", .accepted()) { $0.timestampToken = [0x30, 0x03, 1, 2, 3] },
    ]

    private static let ofCriticalNames: [EnvelopeFlaw] = [
        .both(
            "critical-list-missing",
            .refused(.integrity),
            jws: { $0.remove("crit") },
            cose: { $0.remove(.integer(2)) }
        ),
        .both(
            "critical-list-empty",
            .refused(.integrity),
            jws: { $0.set("crit", json: "[]") },
            cose: { $0.set(.integer(2), .array([])) }
        ),
        .both(
            "critical-list-without-the-scheme",
            .refused(.integrity),
            jws: {
                $0.set("crit", json: "[\"example.com/x\"]")
                $0.set("example.com/x", json: "1")
            },
            cose: {
                $0.set(.integer(2), .array([.text("example.com/x")]))
                $0.set(.text("example.com/x"), .integer(1))
            }
        ),
        .both(
            "critical-list-without-the-expiry",
            .refused(.integrity),
            jws: { $0.set(NotaryName.expiry, json: "\"2034-01-01T00:00:00Z\"") },
            cose: { $0.set(.text(NotaryName.expiry), .tagged(1, .integer(2_019_686_400))) }
        ),
        .both(
            "critical-list-without-the-authentic-time",
            .refused(.integrity),
            jws: { $0.set("crit", json: "[\"\(NotaryName.scheme)\"]") },
            cose: { $0.set(.integer(2), .array([.text(NotaryName.scheme)])) }
        ).only(.signingAuthority),
        .both(
            "critical-name-absent",
            .refused(.integrity),
            jws: { $0.addCritical("example.com/absent") },
            cose: { $0.addCritical(.text("example.com/absent")) }
        ).sampled,
        .both(
            "critical-name-twice",
            .refused(.integrity),
            jws: { $0.addCritical(NotaryName.scheme) },
            cose: { $0.addCritical(.text(NotaryName.scheme)) }
        ).inCOSE(.stricter(.criticalNameTwice)),
        .both(
            "critical-algorithm",
            .refused(.integrity),
            jws: { $0.addCritical("alg") },
            cose: { $0.addCritical(.integer(1)) }
        ).inCOSE(.accepted()),
        .both(
            "critical-content-type",
            .refused(.integrity),
            jws: { $0.addCritical("cty") },
            cose: { $0.addCritical(.integer(3)) }
        ).inCOSE(.accepted()),
        .both(
            "critical-signing-time",
            .refused(.integrity),
            jws: { $0.addCritical(NotaryName.signingTime) },
            cose: { $0.addCritical(.text(NotaryName.signingTime)) }
        ).only(.x509).inCOSE(.accepted()),
        .both(
            "critical-list-of-numbers",
            .refused(.integrity),
            jws: { $0.set("crit", json: "[1]") },
            cose: { $0.set(.integer(2), .array([.bool(true)])) }
        ),
        .both(
            "unknown-attribute",
            .accepted(),
            jws: { $0.set("example.com/x", json: "{\"a\": [1]}") },
            cose: { $0.set(.text("example.com/x"), .map([])) }
        ),
        .both(
            "unknown-critical-attribute",
            .stricter(.unknownCriticalAttribute, .plugin),
            jws: {
                $0.set("example.com/x", json: "1")
                $0.addCritical("example.com/x")
            },
            cose: {
                $0.set(.text("example.com/x"), .integer(1))
                $0.addCritical(.text("example.com/x"))
            }
        ).sampled,
    ]

    private static let ofPlugins: [EnvelopeFlaw] = [
        .request("plugin-that-is-not-installed", .refused(.plugin)) { $0.plugin = "com.example.plugin" }.sampled,
        .request("plugin-without-a-name", .refused(.integrity, notation: .plugin)) { $0.plugin = " " },
        .request("plugin-with-a-version", .refused(.plugin)) {
            $0.plugin = "com.example.plugin"
            $0.pluginMinVersion = "1.0.0"
        },
        .request("plugin-with-a-bad-version", .refused(.integrity, notation: .plugin)) {
            $0.plugin = "com.example.plugin"
            $0.pluginMinVersion = "one"
        },
        .both(
            "plugin-not-critical",
            .refused(.integrity, notation: .plugin),
            jws: { $0.set(NotaryName.plugin, json: "\"com.example.plugin\"") },
            cose: { $0.set(.text(NotaryName.plugin), .text("com.example.plugin")) }
        ),
        .request("plugin-version-without-a-plugin", .stricter(.unknownCriticalAttribute)) {
            $0.pluginMinVersion = "1.0.0"
        },
    ]
}
