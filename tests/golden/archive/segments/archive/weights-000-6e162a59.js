fondsShard("weights-000-6e162a59","IVp0wAErKLUv/SArpQAAsgIEBuDpu4EBAlWfH82Rt0cfAwAA");
