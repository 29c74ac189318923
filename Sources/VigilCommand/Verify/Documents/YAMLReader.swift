import BoundedYAML
import JSONModel

/// Reads YAML as Kubernetes does: keys are strings, plain scalars follow YAML 1.1, aliases and merge keys are followed.
///
/// Limits hold after aliases are followed, so a small file that stands for a huge one is refused.
struct YAMLReader: Sendable {
    /// The file's name, for errors.
    let name: String
    /// The most values that are read, those behind aliases counted each time they are named.
    var maximumValues = InputLimits.values

    /// The documents of `text`, empty ones as `null`.
    ///
    /// - Throws: ``InputError`` naming file and line.
    func documents(_ text: String) throws(InputError) -> [JSONValue] {
        let composer = YAMLComposer(maximumValues: maximumValues, maximumDocuments: InputLimits.documents)
        var values: [JSONValue] = []
        var conversion = YAMLConversion(maximumValues: maximumValues)
        do throws(YAMLProblem) {
            try composer.compose(text) { node throws(YAMLProblem) in values.append(try conversion.value(node)) }
        } catch {
            throw InputError(at: InputError.Site(file: name, line: error.line, column: error.column), error.message)
        }
        return values
    }
}
