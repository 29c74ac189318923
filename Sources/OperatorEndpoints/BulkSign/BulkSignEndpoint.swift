import HTTPTypes
import TrustResources

extension Endpoint {
    /// The script of `vigil bulk-sign`, at the path that kube-notary had for one: `?tool=` says what signs, `?namespace=`
    /// where.
    ///
    /// 503 until the caches are filled, 400 with a sentence for what cannot be asked.
    static func bulkSign(_ source: any ResultsSource) -> Endpoint {
        Endpoint(path: "/bulk_sign") { query in
            guard source.revision != nil else {
                var answer = sentence(.serviceUnavailable, "the state of the cluster is still being read")
                answer.headers[.retryAfter] = "1"
                return answer
            }
            let names = Set(query.parameters.map(\.name)).subtracting(["tool", "namespace"])
            guard names.isEmpty else {
                return sentence(.badRequest, "there are the parameters tool and namespace, and no others")
            }
            guard query.values("tool").count <= 1, query.values("namespace").count <= 1,
                let tool = BulkSignTool(rawValue: query.values("tool").first ?? BulkSignTool.notation.rawValue)
            else {
                let tools = BulkSignTool.allCases.map(\.rawValue).joined(separator: ", ")
                return sentence(.badRequest, "tool is one of \(tools); tool and namespace may each be given once")
            }
            let namespace = query.values("namespace").first
            let plan = BulkSignPlan(source.snapshot().images, namespace: namespace)
            let scope = namespace.map { "the namespace \($0)" } ?? "every namespace"
            return Answer(
                contentType: "text/x-shellscript; charset=utf-8",
                headers: [.contentDisposition: "attachment; filename=\"bulk_sign.sh\""],
                body: Array(BulkSignScript(plan, tool: tool, scope: scope).text.utf8)
            )
        }
    }

    private static func sentence(_ status: HTTPResponse.Status, _ text: String) -> Answer {
        Answer(status: status, body: Array("\(text)\n".utf8))
    }
}
