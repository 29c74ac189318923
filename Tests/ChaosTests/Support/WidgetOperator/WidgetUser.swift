import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime

/// Somebody who creates, changes and deletes widgets, as a seed says.
///
/// Each step is done before the next one begins, whatever it takes: what is there in the end depends on the seed alone.
struct WidgetUser: Sendable {
    private enum Step {
        case create(String, color: String)
        case paint(String, color: String)
        case delete(String)
    }

    /// How many steps concern each widget.
    let stepsByName: [String: Int]
    private let steps: [Step]
    private let pauses: [Duration]

    /// Draws a day's work.
    ///
    /// - Parameters:
    ///   - seed: decides everything.
    ///   - count: how many steps.
    ///   - duration: how long they take together, about.
    init(seed: UInt64, steps count: Int, within duration: Duration) {
        var random = SplitMix64(seed: seed ^ 0x5EED)
        var present: [String] = []
        var (steps, pauses, byName) = ([Step](), [Duration](), [String: Int]())
        let names = (0..<10).map { "w\($0)" }
        for number in 0..<count {
            let name = names.randomElement(using: &random) ?? "w0"
            let color = "color-\(number)"
            let step: Step
            if !present.contains(name) {
                step = .create(name, color: color)
                present.append(name)
            } else if Int.random(in: 0..<3, using: &random) == 0 {
                step = .delete(name)
                present.removeAll { $0 == name }
            } else {
                step = .paint(name, color: color)
            }
            steps.append(step)
            byName[name, default: 0] += 1
            pauses.append(duration / count * Double.random(in: 0..<2, using: &random))
        }
        (self.steps, self.pauses, stepsByName) = (steps, pauses, byName)
    }

    /// Does it.
    func work(in world: WidgetWorld) async throws {
        let client = APIClient(
            transport: world.cluster.transport(userAgent: "user/1.0", client: "user"),
            userAgent: "user/1.0",
            clock: world.clock,
            spread: Chaos.spread(world.seed &+ 2)
        )
        for (step, pause) in zip(steps, pauses) {
            try await world.pass(pause)
            while try await !attempt(step, client) { try await world.pass(.seconds(1)) }
        }
    }

    /// Does one step; whether it is done.
    private func attempt(_ step: Step, _ client: APIClient) async throws -> Bool {
        do {
            switch step {
            case .create(let name, let color):
                // One of that name may still be on its way out.
                _ = try await client.send(Self.create(name, color: color))
            case .paint(let name, let color):
                _ = try await client.resource(Widget.self)
                    .patch(name, namespace: WidgetOperator.namespace, .merge(["spec": ["color": .string(color)]]))
            case .delete(let name):
                try await client.resource(Widget.self).delete(name, namespace: WidgetOperator.namespace)
            }
            return true
        } catch is TransportError {
            return false
        } catch let error as APIError where error.code == .alreadyExists || error.httpStatus >= 500 {
            return false
        }
    }

    static func create(_ name: String, color: String?, size: Int? = nil) -> APIRequest {
        APIRequest(
            .post,
            "/apis/example.com/v1/namespaces/\(WidgetOperator.namespace)/widgets",
            headers: ["content-type": "application/json"],
            body: JSONSerializer().bytes(Widget.manifest(name, color: color, size: size))
        )
    }
}
