import Testing

@testable import playground

@Suite("A series of measurements")
struct SeriesTests {
    @Test("the median is the middle value, or the mean of the two in the middle, in whatever order they came")
    func median() {
        let odd = Series([9, 1, 5])
        #expect(odd.minimum == 1 && odd.median == 5 && odd.maximum == 9)
        #expect(Series([4, 1, 3, 2]).median == 2.5)
        #expect(Series([7]).median == 7)
    }

    @Test("a quantile is a value that was measured: the smallest that the share of all do not exceed")
    func quantiles() {
        let hundred = Series((1...100).map(Double.init))
        #expect(hundred.quantile(0.5) == 50 && hundred.quantile(0.99) == 99 && hundred.quantile(1) == 100)
        #expect(Series([3]).quantile(0.01) == 3 && Series([]).quantile(0.99).isNaN)
    }

    @Test("of no measurement there is no figure that could meet a budget")
    func empty() {
        let none = Series([])
        #expect(none.median.isNaN && !(none.median <= 1) && !(none.median >= 10))
    }
}
