import HTTPTypes
import JSONModel
import KubernetesAPI
import TrustResources

extension Endpoint {
    /// What is known of images, for programs: `/api/v1/images` and `/api/v1/summary`, and `/results` as kube-notary had it.
    ///
    /// Each answer has an `ETag` of its content; who sends it back in `If-None-Match` is told with 304 that nothing has
    /// changed. 503 until the caches are filled, 400 with a sentence for what cannot be asked.
    static func results(_ source: any ResultsSource) -> [Endpoint] {
        let tags = AnswerTags()
        return [
            Endpoint(path: "/api/v1/images", right: "/results") { query in
                do throws(ImagesQuery.Refusal) {
                    let wanted = try ImagesQuery(query.parameters)
                    return answer(query, "/api/v1/images", source, tags) { _ in .bytes(images(source, wanted)) }
                } catch {
                    return refusal(.badRequest, error.message)
                }
            },
            Endpoint(path: "/api/v1/summary", right: "/results") { query in
                if let name = query.parameters.first?.name {
                    return refusal(
                        .badRequest,
                        "there is no parameter \(String(name.prefix(64)).debugDescription) here"
                    )
                }
                return answer(query, "/api/v1/summary", source, tags) { revision in
                    .bytes(
                        line(ResultsSummary(snapshot: source.snapshot(), isCurrent: revision.isCurrent).json)
                    )
                }
            },
            Endpoint(path: "/results") { query in
                let namespace = query.values("namespace").first { !$0.isEmpty }
                return answer(query, "/results", source, tags) { _ in containers(source, namespace) }
            },
        ]
    }

    /// What an endpoint of results comes to.
    private enum Outcome {
        case bytes([UInt8])
        case refused(String)
    }

    private static func images(_ source: any ResultsSource, _ query: ImagesQuery) -> [UInt8] {
        let snapshot = source.snapshot()
        let page = ImagesPage(snapshot.images, query)
        let ends = Dictionary(
            snapshot.forecast(of: page.images).lapses.map { ("\($0.namespace)/\($0.name)", $0.cause) }
        ) { first, _ in first }
        return line([
            "images": .array(page.images.map { $0.json(cause: ends[$0.key.description]) }),
            "total": JSONValue(page.total),
            "continue": JSONValue(page.next?.token),
        ])
    }

    private static func containers(_ source: any ResultsSource, _ namespace: String?) -> Outcome {
        let all = source.containers()
        let wanted = namespace.map { name in all.filter { $0.pod.namespace == name } } ?? all
        guard wanted.count <= KubeNotaryResults.maximumContainers else {
            return .refused(
                """
                \(wanted.count) containers are more than the \(KubeNotaryResults.maximumContainers) of one answer; ask with \
                ?namespace=NAME, or page by page at /api/v1/images
                """
            )
        }
        return .bytes(KubeNotaryResults(wanted, source.snapshot()).bytes)
    }

    private static func line(_ value: JSONValue) -> [UInt8] { JSONSerializer().bytes(value) + [0x0A] }

    private static func refusal(_ status: HTTPResponse.Status, _ sentence: String) -> Answer {
        Answer(status: status, body: Array("\(sentence)\n".utf8))
    }

    private static func answer(
        _ query: Query,
        _ path: String,
        _ source: any ResultsSource,
        _ tags: AnswerTags,
        _ make: (ResultsRevision) -> Outcome
    ) -> Answer {
        guard let revision = source.revision else {
            var answer = refusal(.serviceUnavailable, "the state of the cluster is still being read")
            answer.headers[.retryAfter] = "1"
            return answer
        }
        let question = ([path] + query.parameters.flatMap { [$0.name, $0.value] }).joined(separator: "\u{0}")
        if let tag = tags.tag(of: question, at: revision), AnswerTags.isKnown(tag, to: query.ifNoneMatch) {
            return Answer(status: .notModified, contentType: json, headers: [.eTag: tag], body: [])
        }
        switch make(revision) {
        case .refused(let sentence): return refusal(.badRequest, sentence)
        case .bytes(let body):
            let tag = AnswerTags.tag(of: body)
            tags.remember(tag, of: question, at: revision)
            let isKnown = AnswerTags.isKnown(tag, to: query.ifNoneMatch)
            return Answer(
                status: isKnown ? .notModified : .ok,
                contentType: json,
                headers: [.eTag: tag],
                body: isKnown ? [] : body
            )
        }
    }

    private static let json = "application/json"
}
