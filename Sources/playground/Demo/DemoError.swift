/// Why the demo cannot go on, in words for the person who started it.
struct DemoError: Error, CustomStringConvertible {
    /// What kind of failure it is, for the tests.
    enum Code: String, Sendable {
        case toolMissing, toolFailed, childEnded, timedOut, folderInUse, clusterUnsuitable, unreadable, interrupted
    }

    let code: Code
    /// What was tried, what came back and what to do.
    let message: String
    /// The last lines that the program in question wrote.
    let logTail: [String]

    init(_ code: Code, _ message: String, logTail: [String] = []) {
        self.code = code
        self.message = message
        self.logTail = logTail
    }

    var description: String {
        logTail.isEmpty ? message : message + "\n" + logTail.map { "    | " + $0 }.joined(separator: "\n")
    }
}
