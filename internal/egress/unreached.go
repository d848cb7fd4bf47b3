package egress

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"

	"github.com/ordinaut/ordinaut"
)

// unreached is why a request got no answer. The end of the context is told as
// it is, because only its owner knows what it means; everything else in words
// that hold nothing of our own network. The details are in the cause.
func unreached(req *http.Request, err error) error {
	if ctxErr := req.Context().Err(); ctxErr != nil {
		return ctxErr
	}
	if known, ok := errors.AsType[*ordinaut.Error](err); ok {
		return known
	}
	message, fix := explain(req.URL.Hostname(), req.URL.Host, err)
	return failed(req, message, fix, err)
}

// ErrUnanswered is in the chain of an error after which nobody knows whether the
// request was carried out: it may have been sent, its answer did not come, and
// it is of a method that does more when it is sent again.
var ErrUnanswered = errors.New("the request may have been carried out")

// unanswered is the cause of the error of a request that had a connection to be
// sent on.
func unanswered(req *http.Request, cause error) error {
	if repeatable(req.Method) {
		return cause
	}
	return fmt.Errorf("%w: %w", ErrUnanswered, cause)
}

// brokenOff is why an answer was not read to its end.
func brokenOff(req *http.Request, err error) error {
	if ctxErr := req.Context().Err(); ctxErr != nil {
		return ctxErr
	}
	return failed(req, "the answer of "+req.URL.Host+" broke off", "try again; if it happens again, ask whoever runs the server", unanswered(req, err))
}

func failed(req *http.Request, message, fix string, err error) *ordinaut.Error {
	return &ordinaut.Error{Code: ordinaut.CodeEgressFailed, Sent: req.URL.Host, Message: message, Fix: fix, Err: err}
}

// explain finds the words for an error of the network.
func explain(name, host string, err error) (message, fix string) {
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return "there is no host named " + name, "check the spelling of the host"
		}
		return "the name " + name + " could not be looked up", "try again; if it happens again, check the DNS of the server"
	}
	if message, fix := explainTLS(host, err); message != "" {
		return message, fix
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "nothing listens at " + host, "check host and port, and that the service runs"
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return host + " did not answer in time", "check host and port, and whether a firewall is in between"
	}
	return "the request to " + host + " failed", "try again; if it happens again, check the URL and ask whoever runs the server"
}

// explainTLS finds the words for an error of TLS; "" when it is none.
func explainTLS(host string, err error) (message, fix string) {
	const theirs = "ask whoever runs the server to mend its certificate"
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "the certificate of " + host + " has expired or is not valid yet", theirs
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "the certificate of " + host + " is for another name", "use the name that the certificate is for"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "the certificate of " + host + " is signed by nobody who is trusted", "install the authority on the server that runs Ordinaut, or " + theirs
	}
	if bad, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Sprintf("the certificate of %s is not accepted: %v", host, bad.Err), theirs
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return host + " does not speak TLS there", "use http:// if that is meant, or another port"
	}
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return fmt.Sprintf("%s refused the TLS handshake: %v", host, alert), theirs
	}
	return "", ""
}
