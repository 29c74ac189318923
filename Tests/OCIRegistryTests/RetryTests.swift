import EmbeddedRegistry
import OCIModel
import OCIRegistry
import OutboundHTTP
import TestCertificates
import TestTiming
import Testing

@Suite("Retries of registry requests", .timeLimit(.minutes(5)))
struct RetryTests {
    private static func with(
        _ change: (inout RegistryConfiguration) -> Void = { _ in },
        _ body: (RegistryFixture) async throws -> Void
    ) async throws {
        try await RegistryFixture.with(
            configure: { configuration, _ in
                configuration.retry = RetryPolicy(attempts: 4, initialDelay: .seconds(1))
                configuration.retry.jitter = 0
                change(&configuration)
            },
            { try await body($0) }
        )
    }

    @Test("what may pass is tried again", arguments: [500, 502, 503, 504, 429])
    func transient(status: Int) async throws {
        try await Self.with { fixture in
            fixture.server.inject(.answer(status: status), target: "/manifests/", times: 2)
            let found = try await fixture.client.resolve(fixture.tag).descriptor.digest
            #expect(found == fixture.image.digest)
            #expect(fixture.clock.sleeps == [.seconds(1), .seconds(2)])
        }
    }

    @Test("broken connections are tried again")
    func connections() async throws {
        try await Self.with { fixture in
            fixture.server.inject(.close, target: "/manifests/", times: 1)
            fixture.server.inject(.reset, target: "/manifests/", times: 1)
            fixture.server.inject(.truncate(after: 3), target: "/manifests/", times: 1)
            let found = try await fixture.client.resolve(fixture.tag).descriptor.digest
            #expect(found == fixture.image.digest)
        }
    }

    @Test("what will not pass is not tried again", arguments: [400, 401, 403, 404, 405, 418])
    func final(status: Int) async throws {
        try await Self.with { fixture in
            fixture.server.inject(.answer(status: status), target: "/manifests/")
            await #expect(throws: RegistryError.self) { _ = try await fixture.client.resolve(fixture.tag) }
            #expect(fixture.server.requests.count == 1)
            #expect(fixture.clock.sleeps.isEmpty)
        }
    }

    @Test("wrong bytes are not asked for again")
    func mismatch() async throws {
        try await Self.with { fixture in
            fixture.server.inject(.replaceBody([1]), target: "/manifests/")
            await fixture.expect(.digestMismatch) {
                _ = try await fixture.client.manifest(fixture.repository, fixture.image)
            }
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test("Retry-After is obeyed")
    func retryAfter() async throws {
        try await Self.with { fixture in
            fixture.server.inject(
                .answer(status: 429, headers: [("retry-after", "7")]),
                target: "/manifests/",
                times: 1
            )
            _ = try await fixture.client.resolve(fixture.tag)
            #expect(fixture.clock.sleeps == [.seconds(7)])
        }
    }

    @Test("a Retry-After too long to wait for is handed on")
    func longRetryAfter() async throws {
        try await Self.with { fixture in
            fixture.server.inject(.answer(status: 429, headers: [("retry-after", "3600")]), target: "/manifests/")
            await #expect { _ = try await fixture.client.resolve(fixture.tag) } throws: { error in
                let error = error as? RegistryError
                return error?.code == .throttled && error?.retryAfter == .seconds(3600)
            }
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test("attempts end, and with the time a call may take")
    func bounded() async throws {
        try await Self.with { fixture in
            fixture.server.inject(.answer(status: 503), target: "/manifests/")
            await fixture.expect(.serverError) { _ = try await fixture.client.resolve(fixture.tag) }
            #expect(fixture.server.requests.count == 4)
        }
        try await Self.with { configuration in
            configuration.callTimeout = .seconds(2)
        } _: { fixture in
            fixture.server.inject(.answer(status: 503), target: "/manifests/")
            await fixture.expect(.serverError) { _ = try await fixture.client.resolve(fixture.tag) }
            #expect(fixture.server.requests.count == 2)
        }
    }

    @Test("a cancelled call ends at once")
    func cancelled() async throws {
        try await Self.with { fixture in
            fixture.server.inject(.hang, target: "/manifests/")
            let code = await withTaskGroup(of: RegistryError.Code?.self) { group in
                group.addTask {
                    do throws(RegistryError) {
                        _ = try await fixture.client.resolve(fixture.tag)
                        return nil
                    } catch {
                        return error.code
                    }
                }
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(code == .cancelled)
        }
    }

    // MARK: Schemes

    @Test("plain HTTP is used for exactly the hosts that are named")
    func plainHosts() async throws {
        try await RegistryFixture.with(
            configure: { configuration, server in
                configuration.usesPlainHTTPEverywhere = false
                configuration.plainHTTPHosts = [server.host]
            },
            { fixture in
                let found = try await fixture.client.resolve(fixture.tag).descriptor.digest
                #expect(found == fixture.image.digest)
            }
        )
        try await RegistryFixture.with(
            configure: { configuration, server in
                configuration.usesPlainHTTPEverywhere = false
                configuration.plainHTTPHosts = ["127.0.0.1", "\(server.host)0"]
            },
            { fixture in
                await fixture.expect(.insecure, saying: "looks like plain HTTP; name it with --plain-http-registry") {
                    _ = try await fixture.client.resolve(fixture.tag)
                }
                #expect(fixture.server.requests.isEmpty)
            }
        )
    }

    @Test("a certificate nobody vouches for is insecure")
    func untrusted() async throws {
        let identity = try TestAuthority().issue(names: [], addresses: [[127, 0, 0, 1]])
        var behaviour = EmbeddedRegistryConfiguration()
        behaviour.tls = .init(certificateChainPEM: identity.certificate, privateKeyPEM: identity.key)
        try await RegistryFixture.with(behaviour) { fixture in
            await fixture.expect(.insecure, saying: "is not trusted") {
                _ = try await fixture.client.resolve(fixture.tag)
            }
        }
    }
}
