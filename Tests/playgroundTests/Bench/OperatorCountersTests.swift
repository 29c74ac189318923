import Testing

@testable import playground

@Suite("What an operator has counted itself")
struct OperatorCountersTests {
    private static let text = """
        # HELP rest_client_requests_total Requests to the API server by status, method and host.
        # TYPE rest_client_requests_total counter
        rest_client_requests_total{code="200",method="GET",host="127.0.0.1:6443"} 7
        rest_client_requests_total{code="<error>",method="GET",host="127.0.0.1:6443"} 1
        rest_client_requests_total{code="200",method="PUT",host="127.0.0.1:6443"} 30
        rest_client_requests_total{code="201",method="POST",host="127.0.0.1:6443"} 4
        rest_client_requests_total{code="200",method="PATCH",host="127.0.0.1:6443"} 5
        rest_client_requests_total{code="404",method="DELETE",host="127.0.0.1:6443"} 1
        rest_client_request_retries_total{code="200",verb="GET",host="127.0.0.1:6443"} 100
        reflector_lists_total{name="pods"} 1
        reflector_lists_total{name="imageverifications"} 2
        reflector_watches_total{name="pods"} 9

        """

    @Test("requests are added up by method over all codes, and the Lease is told apart by its method")
    func read() {
        let counters = OperatorCounters(Self.text)
        #expect(counters.requests == ["GET": 8, "PUT": 30, "POST": 4, "PATCH": 5, "DELETE": 1])
        #expect(counters.total == 48 && counters.renewals == 30 && counters.writes == 10 && counters.lists == 3)
    }

    @Test("what came after a moment is the difference; a method that was not known then is new")
    func difference() {
        let before = OperatorCounters("rest_client_requests_total{method=\"GET\"} 2\nreflector_lists_total 1\n")
        let later = OperatorCounters(Self.text).since(before)
        #expect(later.requests["GET"] == 6 && later.requests["POST"] == 4 && later.lists == 2)
    }

    @Test("what is no line of a counter counts nothing")
    func hostile() {
        let lines = [
            "", " ", "rest_client_requests_total", "rest_client_requests_total ", "rest_client_requests_total 5",
            "rest_client_requests_total{method=\"GET} x", "rest_client_requests_total{method=\"GET\"} NaN",
            "rest_client_requests_total{method=\"GET\"} 1e300", "reflector_lists_total{name=\"pods\"} +Inf",
        ]
        for line in lines {
            let counters = OperatorCounters(line)
            #expect(counters.total == 0 && counters.lists == 0, "\(line)")
        }
    }
}
