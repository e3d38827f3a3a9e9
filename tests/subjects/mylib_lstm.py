"""The recurrent layer of mylib."""

import numpy as np


def sigmoid(s):
    return 0.5 * (1 + np.tanh(0.5 * s))


class LSTM:
    """One layer in one direction, of NumPy's arrays: the last states lie in h and c, their gradients in dstates."""

    fault = ""

    def __init__(self, input_size, hidden_size):
        rows = 4 * hidden_size
        self.W, self.U = np.zeros((rows, input_size)), np.zeros((rows, hidden_size))
        self.b, self.d = np.zeros(rows), np.zeros(rows)
        self.zero_grad()

    def zero_grad(self):
        self.dW, self.dU, self.db, self.dd = (np.zeros_like(value) for value in (self.W, self.U, self.b, self.d))

    def forward(self, x, h=None, c=None):
        zeros = np.zeros((x.shape[1], self.U.shape[1]), x.dtype)
        self.h, self.c = zeros if h is None else h[0], zeros if c is None else c[0]
        self.x, self.steps, found = x, [], []
        for x_t in x:
            s = x_t @ self.W.T + self.b + self.h @ self.U.T + self.d
            i, f, g, o = np.split(s, 4, -1)
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            before = self.h, self.c
            self.c = f * self.c + i * g
            self.h = o * np.tanh(self.c)
            self.steps.append((before, (i, f, g, o), self.c))
            found.append(self.h)
        return np.stack(found)

    def backward(self, dy, dh=None, dc=None):
        dx, dh, dc = np.zeros_like(self.x), 0 if dh is None else dh[0], 0 if dc is None else dc[0]
        for t in reversed(range(len(self.x))):
            (h, c_before), (i, f, g, o), c = self.steps[t]
            dh = (0 if dy is None else dy[t]) + (0 if self.fault == "truncated" and t + 1 < len(self.x) else dh)
            shown = np.tanh(c)
            slope = 1 if self.fault == "no slope of tanh" else 1 - shown**2
            dc = dc + dh * o * slope
            of_f = 0 * dc if self.fault == "no forget gate" else dc * c_before * f * (1 - f)
            ds = np.concatenate((dc * g * i * (1 - i), of_f, dc * i * (1 - g**2), dh * shown * o * (1 - o)), -1)
            self.dW += ds.T @ self.x[t]
            self.dU += ds.T @ (o * np.tanh(c) if self.fault == "wrong state" else h)
            self.db += ds.sum(0)
            self.dd += ds.sum(0)
            dx[t], dh, dc = ds @ self.W, ds @ self.U, dc * f
        self.dstates = dh[None], dc[None]
        return dx
