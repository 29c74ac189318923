import HTTPTypes
import Testing
import TrustModel
import TrustResources

@testable import OperatorEndpoints

/// The script for signing, where kube-notary had one.
@Suite("The endpoint /bulk_sign")
struct BulkSignEndpointTests {
    private func ask(_ source: KnownResults, _ parameters: (String, String)...) async -> Endpoint.Answer {
        let parameters = parameters.map { (name: $0.0, value: $0.1) }
        return await Endpoint.bulkSign(source).answer(Endpoint.Query(parameters: parameters))
    }

    private static func unsigned(_ number: Int) -> ImageResult {
        SampleImages.image(number, pods: 1) { status in
            status.verdict = .unknown
            status.reason = .noSignature
            status.conditions = nil
            status.history = nil
        }
    }

    @Test("the script signs what is unsigned, with the tool that is asked for")
    func script() async throws {
        let image = Self.unsigned(1)
        for (tool, line) in [("notation", "notation sign"), ("cosign", "cosign sign --yes"), ("vcn", "vcn notarize")] {
            let answer = await ask(KnownResults([image]), ("tool", tool))
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.status == .ok && answer.contentType == "text/x-shellscript; charset=utf-8")
            #expect(answer.headers[.contentDisposition] == "attachment; filename=\"bulk_sign.sh\"")
            #expect(
                text.hasPrefix("#!/bin/sh\n") && text.contains(line) && text.contains("'\(image.image)'"),
                "\(text)"
            )
        }
        let other = await ask(KnownResults([image]), ("namespace", "nowhere"))
        #expect(!String(decoding: other.body, as: UTF8.self).contains(image.image))
    }

    @Test("what cannot be asked is refused, and before the caches are filled there is no script")
    func refused() async throws {
        for parameters in [("tool", "gpg"), ("tool", ""), ("output", "x")] {
            #expect(await ask(KnownResults(), parameters).status == .badRequest, "\(parameters)")
        }
        #expect(await ask(KnownResults(), ("tool", "notation"), ("tool", "vcn")).status == .badRequest)
        let source = KnownResults([Self.unsigned(1)])
        source.set(isComplete: false)
        let early = await ask(source)
        #expect(early.status == .serviceUnavailable && early.headers[.retryAfter] == "1")
    }
}
