import Foundation
import JSONModel
import Logging
import Testing

@testable import VigilCommand

@Suite("The log") struct LogOutputTests {
    private static let moment = Date(timeIntervalSince1970: 1_780_000_000.25)

    private struct Sample {
        let lines = TextBuffer()
        let output: LogOutput
        let logger: Logger

        init(level: Logger.Level = .info, format: LogFormat = .text) {
            let output = LogOutput(level: level, format: format, sink: lines, now: { LogOutputTests.moment })
            self.output = output
            logger = Logger(label: "vigil.test") { OutputLogHandler(label: $0, output: output) }
        }
    }

    @Test("a change of the level holds for loggers that are there already")
    func level() {
        let sample = Sample()
        let copy = sample.logger
        sample.logger.debug("hidden")
        sample.output.set(level: .debug, format: .text)
        #expect(sample.logger.logLevel == .debug)
        copy.debug("shown")
        sample.output.set(level: .error, format: .text)
        copy.warning("hidden again")
        #expect(sample.lines.text == "2026-05-28T20:26:40.250000Z debug vigil.test: shown\n")
    }

    @Test("every level is kept", arguments: Logger.Level.allCases)
    func levels(_ level: Logger.Level) { #expect(Sample(level: level).output.logLevel == level) }

    @Test("a logger with a level of its own keeps it")
    func ownLevel() {
        let sample = Sample(level: .trace)
        var quiet = sample.logger
        quiet.logLevel = .error
        quiet.info("hidden")
        #expect(sample.lines.text.isEmpty && sample.logger.logLevel == .trace)
    }

    @Test("text has the fields in order, and stays one line whatever they hold")
    func text() {
        let sample = Sample()
        sample.logger.info("judged", metadata: ["b": "x\ny", "a": "\u{1B}[31m"])
        #expect(
            sample.lines.text
                == "2026-05-28T20:26:40.250000Z info vigil.test: a=\\u{1b}[31m b=\"x\\u{a}y\" judged\n"
        )
    }

    @Test("a value in text cannot be taken for other fields")
    func forgedFields() {
        let sample = Sample()
        sample.logger.info(
            "judged",
            metadata: ["image": "x/y:v1 verdict=Trusted", "path": #"a\b"#, "user": #"a"b"#, "none": ""]
        )
        let fields = #"image="x/y:v1 verdict=Trusted" none= path=a\b user="a\"b" judged"#
        #expect(sample.lines.text.hasSuffix("info vigil.test: \(fields)\n"), "\(sample.lines.text)")
    }

    @Test("JSON is an object a line, with fields beside the message, and a change of the format takes effect at once")
    func json() throws {
        let sample = Sample()
        sample.output.set(level: .info, format: .json)
        var logger = sample.logger
        logger[metadataKey: "namespace"] = "shop"
        logger.info(
            "judged\n\"so\"",
            metadata: ["level": "high", "list": ["a", "b"], "map": ["k": "v"], "number": .stringConvertible(3)]
        )
        let lines = sample.lines.text.split(separator: "\n")
        #expect(lines.count == 1)
        #expect(
            try JSONParser().parse(Array((lines.first ?? "").utf8)) == [
                "time": "2026-05-28T20:26:40.250000Z", "level": "info", "logger": "vigil.test",
                "message": "judged\n\"so\"", "namespace": "shop", "level_": "high", "list": ["a", "b"],
                "map": ["k": "v"], "number": "3",
            ]
        )
    }
}
