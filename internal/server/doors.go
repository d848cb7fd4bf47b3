package server

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/auth"
	"github.com/ordinaut/ordinaut/internal/egress"
	"github.com/ordinaut/ordinaut/internal/event/redisstream"
	"github.com/ordinaut/ordinaut/internal/event/webhook"
	"github.com/ordinaut/ordinaut/internal/face/rest"
	"github.com/ordinaut/ordinaut/internal/service"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// doors are the ways of events out and in: over HTTP, and Redis Streams.
type doors struct {
	deliverer *webhook.Deliverer // nil where nothing is sent
	in        *webhook.Door
	redis     *redisstream.Door // nil without Redis, and where events are not matched
	log       *slog.Logger
	wait      sync.WaitGroup
}

// openDoors opens those that the process takes on.
func openDoors(ctx context.Context, s Settings, store ordinaut.Store, admin ordinaut.AgentID, metrics *telemetry.Metrics) (*doors, error) {
	secret, err := store.Secret(ctx, service.VaultSecret)
	if err != nil {
		return nil, fmt.Errorf("read the secret of the vault: %w", err)
	}
	vault, err := auth.NewVault(secret)
	if err != nil {
		return nil, err
	}
	d := &doors{in: webhook.NewDoor(store, vault, s.Log), log: s.Log}
	if d.redis, err = openRedis(s, store, admin, metrics); err != nil {
		return nil, err
	}
	if !ordinaut.RoleWorker.Has(s.Roles) {
		return d, nil
	}
	client, err := egress.New(egress.Options{Allow: s.Allow, UserAgent: "ordinaut/" + s.Version})
	if err != nil {
		return nil, err
	}
	d.deliverer = webhook.NewDeliverer(webhook.Options{Store: store, Client: client, Vault: vault, Log: s.Log, Owner: s.Worker})
	return d, nil
}

// openRedis opens the door to Redis Streams, where the log is brought together with
// those who look out. What comes in comes on the admin's behalf, as whoever may add
// to the stream may publish.
func openRedis(s Settings, store ordinaut.Store, admin ordinaut.AgentID, metrics *telemetry.Metrics) (*redisstream.Door, error) {
	if s.RedisURL == "" || !ordinaut.RoleScheduler.Has(s.Roles) {
		return nil, nil
	}
	return redisstream.Open(store, redisstream.Options{URL: s.RedisURL, Owner: s.Worker, Actor: admin, Log: s.Log, Metrics: metrics})
}

// inlet takes in what is sent to hooks.
func (d *doors) inlet() rest.Inlet {
	return func(ctx context.Context, hook string, header http.Header, body []byte) (any, error) {
		return d.in.Receive(ctx, hook, header, body)
	}
}

// run sends what is to be sent until stop ends. It does not wait for the end.
func (d *doors) run(stop, abort context.Context) {
	if d.deliverer != nil {
		d.wait.Go(func() { d.deliverer.Run(stop, abort) })
	}
	if d.redis != nil {
		d.wait.Go(func() {
			if err := d.redis.Run(stop); err != nil {
				d.log.Warn("the connections to Redis were not closed well", telemetry.KeyError, err)
			}
		})
	}
}

// close waits for what is under way, and writes down what was counted.
func (d *doors) close(ctx context.Context) {
	d.wait.Wait()
	d.in.Close(context.WithoutCancel(ctx))
}
