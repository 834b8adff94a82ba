"""A small network written in PyTorch: every gradient as tracer derives it, beside PyTorch's own.

`python docs/examples/from_torch.py` needs PyTorch (`pip install "gradient-tracer[torch]"`).
"""

import torch
from torch import nn

import tracer


class Network(nn.Module):
    """A hidden layer with a residual connection, and a layer normalization."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)
        self.norm = nn.LayerNorm(4)
        self.out = nn.Linear(4, 3)

    def forward(self, x):
        """Return the scores of three classes."""
        return self.out(self.norm(x + torch.relu(self.inner(x))))


torch.manual_seed(0)
net = Network().double()
inputs = {"x": torch.randn(6, 4, dtype=torch.float64), "labels": torch.tensor([0, 2, 1, 1, 0, 2])}
loss = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)

trace = tracer.from_torch(net, inputs, loss, optimizer, iterations=3)
loss(net(inputs["x"]), inputs["labels"]).backward()

for equation in trace.program.phase("forward", "loss"):
    print(trace.iteration(1).step(equation.name))
for name, parameter in net.named_parameters():
    own = trace.iteration(1)[f"dloss/d{name.replace('.', '_')}"]
    difference = abs(own - parameter.grad.numpy()).max()
    print(
        f"{name}: the largest difference to PyTorch's gradient is below 1e-12: {difference < 1e-12}"
    )
