package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// Vault seals the secrets that are shared with other services, so that whoever
// comes to see a row of the store, or an export of it, does not see them. It is
// AES-256-GCM with random nonces.
type Vault struct {
	aead cipher.AEAD
}

// NewVault makes a vault whose key is derived from a secret, which must outlive
// everything that is sealed.
func NewVault(secret []byte) (Vault, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "ordinaut: secrets shared with other services", 32)
	if err != nil {
		return Vault{}, fmt.Errorf("derive the key of the vault: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return Vault{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return Vault{aead}, err
}

// Seal hides a secret. It can be opened for what it is about, and for nothing
// else: one that was copied to another row stays shut.
func (v Vault) Seal(about, secret string) []byte {
	return v.aead.Seal(nil, nil, []byte(secret), []byte(about))
}

// Open gives back a secret that was sealed about the same.
func (v Vault) Open(about string, sealed []byte) (string, error) {
	secret, err := v.aead.Open(nil, nil, sealed, []byte(about))
	if err != nil {
		return "", fmt.Errorf("open the secret of %s: %w", about, err)
	}
	return string(secret), nil
}
