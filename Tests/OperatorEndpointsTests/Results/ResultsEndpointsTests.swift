import FoundationEssentials
import HTTPTypes
import JSONModel
import KubernetesAPI
import Testing
import TrustModel
import TrustResources

@testable import OperatorEndpoints

/// What programs are told of images.
@Suite("Results for programs", .timeLimit(.minutes(10)))
struct ResultsEndpointsTests {
    private func ask(
        _ source: KnownResults,
        _ path: String,
        _ parameters: [(name: String, value: String)] = [],
        tag: String? = nil,
        endpoints: [Endpoint]? = nil
    ) async throws -> Endpoint.Answer {
        let endpoint = try #require((endpoints ?? Endpoint.results(source)).first { $0.path == path })
        return await endpoint.answer(Endpoint.Query(parameters: parameters, ifNoneMatch: tag))
    }

    private func json(_ answer: Endpoint.Answer) throws -> JSONValue { try JSONParser().parse(answer.body) }

    @Test("every member of an image is there, null where nothing is known")
    func members() async throws {
        let end = KubernetesTime(SampleImages.now.addingTimeInterval(86_400))
        let full = SampleImages.image(1, pods: 12) { status in
            status.validUntil = end
            status.findings?[0].expiresAt = end
            status.conditions = [
                Condition(
                    type: "Fresh",
                    status: .false,
                    lastTransitionTime: KubernetesTime(SampleImages.now),
                    reason: "RegistryUnreachable",
                    message: "nobody answers"
                )
            ]
        }
        let source = KnownResults([full, SampleImages.absent(2)])
        let answer = try await ask(source, "/api/v1/images")
        #expect(answer.status == .ok && answer.contentType == "application/json")
        let list = try json(answer)
        #expect(list["total"] == 2 && list["continue"] == .null)
        let images = try #require(list["images"]?.array)
        let judged = try #require(images.first { $0["verdict"] == "Trusted" })
        let absent = try #require(images.first { $0["verdict"] == .null })
        #expect(Set(judged.object?.keys.map(\.self) ?? []) == Set(absent.object?.keys.map(\.self) ?? []))
        #expect(judged["image"]?.string == "registry.example.com/shop/web-1@\(SampleImages.digest(1))")
        #expect(judged["pods"] == 12 && judged["podNames"]?.array?.count == 10 && judged["gate"] == false)
        #expect(judged["validUntil"]?.string == end.description)
        #expect(
            judged["ends"] == "the signature for wabbit-networks of TrustPolicy/shop/release expires"
        )
        #expect(judged.value(at: "fresh", "reason") == "RegistryUnreachable")
        #expect(judged["findings"]?.array?.first?["signer"]?.string?.hasSuffix("CN=wabbit-networks.io") == true)
        #expect(judged["findings"]?.array?.first?["warnings"] == [])
        #expect(judged["history"]?.array?.first?["from"] == .null)
        #expect(absent["reason"] == "NoPolicy" && absent["findings"] == [] && absent["tags"] == ["v1"])
        #expect(absent["podNames"] == ["web-2-0"] && absent["lastJudged"] == .null)
    }

    @Test("hostile texts arrive as JSON, without what turns the direction of writing, and bounded")
    func hostile() async throws {
        let names = [
            "<img src=x onerror=alert(1)>", "\"'&</script>", "a\u{202E}gpj.exe\u{0}\u{1B}[31m\r\n\u{2028}",
            String(repeating: "x", count: 10_240),
        ]
        let images = names.enumerated().map { SampleImages.image($0.offset, repository: $0.element) }
        let list = try json(try await ask(KnownResults(images), "/api/v1/images"))
        let shown = (list["images"]?.array ?? []).compactMap { $0["repository"]?.string }
        #expect(shown.count == 4)
        #expect(shown.contains("<img src=x onerror=alert(1)>") && shown.contains("\"'&</script>"))
        #expect(shown.contains("a\u{FFFD}gpj.exe\u{FFFD}\u{FFFD}[31m\u{FFFD}\u{FFFD}\u{FFFD}"))
        #expect(shown.allSatisfy { $0.unicodeScalars.count <= 1024 })
    }

    @Test("who has the answer is told so; what did not change is not even put together")
    func tags() async throws {
        let source = KnownResults([SampleImages.image(1)])
        let endpoints = Endpoint.results(source)
        let first = try await ask(source, "/api/v1/images", endpoints: endpoints)
        let tag = try #require(first.headers[.eTag])
        #expect(source.snapshots == 1)
        let second = try await ask(source, "/api/v1/images", tag: tag, endpoints: endpoints)
        #expect(second.status == .notModified && second.body.isEmpty && second.headers[.eTag] == tag)
        #expect(source.snapshots == 1)
        // Something changed that this answer does not show.
        source.touch()
        let third = try await ask(source, "/api/v1/images", tag: tag, endpoints: endpoints)
        #expect(third.status == .notModified && source.snapshots == 2)
        source.show([SampleImages.image(1, .untrusted)])
        let fourth = try await ask(source, "/api/v1/images", tag: tag, endpoints: endpoints)
        #expect(fourth.status == .ok && fourth.headers[.eTag] != tag)
        // Another question has another answer, whatever the client sends.
        let other = try await ask(source, "/api/v1/images", [("limit", "1")], tag: tag, endpoints: endpoints)
        #expect(other.status == .ok)
    }

    @Test("the same content has the same tag on every replica, in whatever order the caches have it")
    func replicas() async throws {
        let images = (0..<50).map { SampleImages.image($0, Verdict.allCases[$0 % 4], namespace: "n\($0 % 3)") }
        for path in ["/api/v1/images", "/api/v1/summary"] {
            let one = try await ask(KnownResults(images), path)
            let other = try await ask(KnownResults(images.reversed()), path)
            #expect(one.headers[.eTag] != nil && one.headers[.eTag] == other.headers[.eTag])
        }
    }

    @Test("nothing is told while only a part is known", arguments: ["/api/v1/images", "/api/v1/summary", "/results"])
    func incomplete(_ path: String) async throws {
        let source = KnownResults([SampleImages.image(1)])
        source.set(isComplete: false)
        let answer = try await ask(source, path)
        #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "1")
        #expect(source.snapshots == 0)
    }

    @Test("what cannot be asked is answered with 400 and a sentence")
    func refusals() async throws {
        let source = KnownResults()
        let answer = try await ask(source, "/api/v1/images", [("limits", "1")])
        #expect(answer.status == .badRequest && answer.contentType == "text/plain; charset=utf-8")
        #expect(
            String(decoding: answer.body, as: UTF8.self).hasPrefix("there is no parameter \"limits\" (did you mean")
        )
        #expect(try await ask(source, "/api/v1/summary", [("a", "")]).status == .badRequest)
    }

    @Test("the summary counts what runs, by verdict, namespace and policy, and tells what ends")
    func summary() async throws {
        let end = KubernetesTime(SampleImages.now.addingTimeInterval(86_400))
        var status = TrustPolicyStatus()
        status.images = TrustPolicyStatus.ImageCounts(trusted: 2)
        status.conditions = [
            Condition(
                type: "Ready",
                status: .true,
                lastTransitionTime: KubernetesTime(SampleImages.now),
                reason: "Ready",
                message: "in force"
            )
        ]
        let policy = TrustPolicy(
            metadata: ObjectMeta(name: "release", namespace: "shop"),
            spec: TrustPolicySpec(authorities: []),
            status: status
        )
        let source = KnownResults(
            [
                SampleImages.image(1) { $0.validUntil = end }, SampleImages.image(2, namespace: "bank"),
                SampleImages.image(3, .untrusted), SampleImages.absent(4), SampleImages.image(5, pods: 0, isGate: true),
            ],
            policies: [VerdictForecast.PolicyEntry(policy)]
        )
        source.set(isCurrent: false)
        let summary = try json(try await ask(source, "/api/v1/summary"))
        #expect(summary["current"] == false && summary["gates"] == 1)
        #expect(
            summary["images"]
                == ["total": 4, "trusted": 2, "untrusted": 1, "unsupported": 0, "unknown": 0, "none": 1, "stale": 0]
        )
        let namespaces = try #require(summary["namespaces"]?.array)
        #expect(namespaces.map { $0["name"] } == ["bank", "shop"] && namespaces[1]["total"] == 3)
        #expect(summary["policies"]?.array?.first?["ready"] == true)
        #expect(summary["policies"]?.array?.first?.value(at: "images", "trusted") == 2)
        let lapse = try #require(summary.value(at: "forecast", "verdicts")?.array?.first)
        #expect(lapse["at"]?.string == end.description && lapse["namespace"] == "shop")
    }

    @Test("a page of very many images is small, and a summary of very many namespaces and ends is bounded")
    func many() async throws {
        let images = (0..<10_000).map { number in
            SampleImages.image(number, Verdict.allCases[number % 4], namespace: "n\(number)") { status in
                status.validUntil = KubernetesTime(SampleImages.now.addingTimeInterval(Double(number)))
            }
        }
        let source = KnownResults(images)
        let clock = ContinuousClock()
        var page: Endpoint.Answer?
        let time = try await clock.measure {
            page = try await ask(source, "/api/v1/images", [("limit", "50"), ("sort", "severity")])
        }
        let bytes = try #require(page?.body.count)
        print("10,000 images: a page of 50 has \(bytes) bytes and took \(time)")
        #expect(bytes < 150_000)
        let summary = try await ask(source, "/api/v1/summary")
        #expect(summary.body.count < 400_000)
        let counts = try json(summary)
        #expect(counts["namespaceCount"] == 10_000 && counts["namespaces"]?.array?.count == 1000)
        #expect(counts.value(at: "forecast", "verdictCount") == 10_000)
        #expect(counts.value(at: "forecast", "verdicts")?.array?.count == 50)
    }

    @Test("over HTTP a 304 has neither body nor length, and the tag comes with HEAD too")
    func overHTTP() async throws {
        let source = KnownResults([SampleImages.image(1)])
        try await ServedEndpoints.with(Endpoint.results(source)) { port in
            func send(_ method: String, _ header: String) async throws -> String {
                let request =
                    "\(method) /api/v1/images?limit=1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\(header)\r\n"
                return try await RawClient.response(request, port: port)
            }
            let get = try await send("GET", "")
            let tag = try #require(get.firstMatch(of: /[Ee][Tt]ag: ("[0-9a-f]{32}")/)).1
            #expect(try await send("HEAD", "").contains(tag))
            let again = try await send("GET", "if-none-match: \(tag)\r\n")
            #expect(again.hasPrefix("HTTP/1.1 304 Not Modified\r\n") && again.hasSuffix("\r\n\r\n"))
            #expect(!again.lowercased().contains("content-length") && again.contains(tag))
        }
    }
}
